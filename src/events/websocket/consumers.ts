/**
 * Who reads which durable consumer. A consumer has one reader, the newest: the older one's connection may be dead
 * without our knowing it yet.
 */
export class Consumers {
  private readonly readers = new Map<string, { readonly reader: object; readonly evict: () => void }>();

  take(consumerId: string, reader: object, evict: () => void): void {
    const older = this.readers.get(consumerId);
    this.readers.set(consumerId, { reader, evict });
    older?.evict();
  }

  release(consumerId: string, reader: object): void {
    if (this.readers.get(consumerId)?.reader === reader) this.readers.delete(consumerId);
  }
}
