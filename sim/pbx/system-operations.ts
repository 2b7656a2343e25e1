import { done, found, type Handlers, no } from './reply.ts';

/** The version whose ways the model has learned. */
export const modelledVersion = '22.10.1';

/** The PBX as such, and what belongs to no call. */
export const systemOperations: Handlers = {
  'asterisk.getInfo': ({ startedAtMs }) => {
    const startedAt = new Date(startedAtMs).toISOString();
    return found({
      system: { version: modelledVersion, entity_id: 'virtual' },
      status: { startup_time: startedAt, last_reload_time: startedAt },
    });
  },
  'asterisk.ping': ({ clock }) =>
    found({ asterisk_id: 'virtual', ping: 'pong', timestamp: new Date(clock.nowMs()).toISOString() }),
  'asterisk.setGlobalVar': (pbx, { variable, value = '' }) => {
    pbx.globals.set(variable, value);
    return done;
  },
  'asterisk.getGlobalVar': (pbx, { variable }) => found({ value: pbx.globals.get(variable) ?? '' }),
  'events.userEvent': (pbx, { eventName, application, variables = {} }) => {
    if (!pbx.hasApplication(application)) return no(404);
    pbx.tell(application, {
      type: 'ChannelUserevent',
      eventname: eventName,
      userevent: { eventname: eventName, ...variables },
    });
    return done;
  },
  'events.claimChannel': (pbx, { channelId, application }) => {
    const status = pbx.broadcasts.claim(channelId, application);
    return status === 204 ? done : no(status);
  },
};
