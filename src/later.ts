/**
 * Something that is there later only. It can be handed out and taken apart at once; what is called on it, or on a part
 * of it, is looked up at the call. Calling it before it is there is a defect, and throws.
 */
export function later<Thing extends object>(find: () => Thing | undefined): Thing {
  const found = (): Thing => {
    const thing = find();
    if (thing === undefined) throw new Error('used before it was there');
    return thing;
  };
  return new Proxy(() => undefined, {
    get(_target, key) {
      const thing = find() as Readonly<Record<PropertyKey, unknown>> | undefined;
      if (thing === undefined) return later(() => (found() as Readonly<Record<PropertyKey, object>>)[key]);
      const part = thing[key];
      return typeof part === 'function' ? (part.bind(thing) as unknown) : part;
    },
    apply(_target, self, args) {
      return Reflect.apply(found() as () => unknown, self, args) as unknown;
    },
  }) as unknown as Thing;
}
