import type { VirtualAsterisk } from '../pbx/virtual-asterisk.ts';
import type { Chance } from './chance.ts';
import type { CrmMood } from './crm.ts';
import type { Diary } from './diary.ts';
import type { StoreMood } from './disk.ts';
import { noTrouble, type Road, type Trouble } from './roads.ts';
import type { Server } from './server.ts';
import type { RedisData, RedisMood } from './shared-cache.ts';

export interface FaultsParts {
  readonly pbx: VirtualAsterisk;
  readonly chance: Chance;
  readonly diary: Diary;
  readonly ariRoad: Road;
  readonly amiRoad: Road;
  readonly store: StoreMood;
  readonly crm: CrmMood;
  readonly redis: RedisData;
  readonly server: () => Server | undefined;
  /** Ends the server that runs, in one way or the other, and starts one after a while. */
  readonly restart: (how: 'kill' | 'stop', downMs: number) => void;
  /** Another server starts while the first still runs, which goes on for so long at most. */
  readonly takeOver: (staleMs: number) => void;
}

type End = () => void;
/** Begins a fault and gives the way to end it. */
type Begin = (parts: FaultsParts) => End;

const nothing: End = () => {};

/** What is wrong with a road for a while; a connection that lost something breaks in the end, as TCP would have it. */
const onAri = (trouble: Partial<Trouble>, breaks = false): Begin => {
  return ({ ariRoad, server }) => {
    ariRoad.trouble = { ...noTrouble(), ...trouble };
    if (trouble.silent) server()?.ari.fallSilent();
    return () => {
      ariRoad.trouble = noTrouble();
      if (breaks) server()?.ari.cut();
    };
  };
};

const onAmi = (trouble: Partial<Trouble>, breaks = false): Begin => {
  return ({ amiRoad, server }) => {
    amiRoad.trouble = { ...noTrouble(), ...trouble };
    if (trouble.silent) server()?.ami.fallSilent();
    return () => {
      amiRoad.trouble = noTrouble();
      if (breaks) server()?.ami.cut();
    };
  };
};

const onStore = (mood: Partial<StoreMood>): Begin => {
  return ({ store }) => {
    Object.assign(store, mood);
    return () => void Object.assign(store, { away: false, commitMs: 0.5, answerLost: 0 });
  };
};

const onCrm = (mood: Partial<CrmMood>): Begin => {
  return ({ crm }) => {
    Object.assign(crm, mood);
    return () => void Object.assign(crm, { slowMs: 0, failing: 0, hanging: 0 });
  };
};

const onRedis = (mood: Partial<RedisMood>): Begin => {
  return ({ redis }) => {
    Object.assign(redis.mood, mood);
    return () => {
      Object.assign(redis.mood, { away: false, slowMs: 0 });
      if (mood.away) redis.tell({ kind: 'gap' });
    };
  };
};

/** Everything that can go wrong, by name. */
const faults: Readonly<Record<string, Begin>> = {
  'ARI cut': ({ server }) => {
    server()?.ari.cut();
    return nothing;
  },
  'ARI cut again and again': ({ server, pbx, chance }) => {
    for (let at = 0; at < 6; at += 1) pbx.clock.after(at * 700 + chance.between(0, 600), () => server()?.ari.cut());
    return nothing;
  },
  'ARI half-open': onAri({ silent: true }, true),
  'ARI slow': onAri({ slowMs: 1_500 }),
  'ARI events twice': onAri({ twice: 0.3 }),
  'ARI events lost': onAri({ lost: 0.1 }, true),
  'ARI answers late': onAri({ answerLagMs: 1_000 }),
  'ARI answers lost': onAri({ unanswered: 0.1 }, true),
  'ARI requests lost': onAri({ ignored: 0.1 }, true),
  'ARI requests fail': onAri({ failed: 0.1 }),
  'ARI requests refused': onAri({ refused: 0.15 }),
  'AMI cut': ({ server }) => {
    server()?.ami.cut();
    return nothing;
  },
  'AMI half-open': onAmi({ silent: true }, true),
  'AMI slow': onAmi({ slowMs: 4_000 }),
  'AMI events twice': onAmi({ twice: 0.4 }),
  'AMI events lost': onAmi({ lost: 0.3 }, true),
  'PBX restart': ({ pbx, chance }) => {
    pbx.kill();
    pbx.clock.after(chance.between(500, 15_000), () => pbx.boot());
    return nothing;
  },
  'ghost channels': ({ pbx }) => {
    pbx.showsGhosts = true;
    return () => {
      pbx.showsGhosts = false;
      pbx.ghosts.clear();
    };
  },
  'ghost channels at a cut': ({ pbx, server, chance }) => {
    pbx.showsGhosts = true;
    pbx.clock.after(chance.between(1_000, 5_000), () => server()?.ari.cut());
    return () => {
      pbx.showsGhosts = false;
      pbx.ghosts.clear();
    };
  },
  'server killed': ({ restart, chance }) => {
    restart('kill', chance.is(0.5) ? chance.between(10, 800) : chance.between(1_000, 30_000));
    return nothing;
  },
  'server stopped': ({ restart, chance }) => {
    restart('stop', chance.between(100, 10_000));
    return nothing;
  },
  'server paused': ({ server, chance }) => {
    const ms = chance.between(100, 12_000);
    server()?.life.pause(ms);
    // A reader that stalls is thrown out before long.
    if (ms > 2_000) {
      server()?.ari.cut();
      server()?.ami.cut();
    }
    return nothing;
  },
  'server suspended': ({ server, chance }) => {
    server()?.life.pause(chance.between(2_000, 20_000), true);
    server()?.ari.cut();
    server()?.ami.cut();
    return nothing;
  },
  'a second server': ({ takeOver, chance }) => {
    takeOver(chance.between(200, 6_000));
    return nothing;
  },
  'a second server while the first sleeps': ({ server, takeOver, pbx, chance }) => {
    server()?.life.pause(chance.between(3_000, 15_000));
    pbx.clock.after(chance.between(1_200, 2_500), () => takeOver(30_000));
    return nothing;
  },
  'a second server while ARI is half-open': (parts) => {
    const end = onAri({ silent: true }, true)(parts);
    parts.pbx.clock.after(parts.chance.between(500, 7_000), () => parts.takeOver(30_000));
    return end;
  },
  'a second server while the store is slow': (parts) => {
    const end = onStore({ commitMs: 400 })(parts);
    parts.pbx.clock.after(parts.chance.between(500, 4_000), () => parts.takeOver(6_000));
    return end;
  },
  'Redis away': onRedis({ away: true }),
  'Redis slow': onRedis({ slowMs: 80 }),
  'Redis empty': ({ redis }) => {
    redis.lose();
    return nothing;
  },
  'Redis and CRM away': (parts) => {
    const ends = [onRedis({ away: true })(parts), onCrm({ failing: 1 })(parts)];
    return () => {
      for (const end of ends) end();
    };
  },
  'store away': onStore({ away: true }),
  'store slow': onStore({ commitMs: 700 }),
  'store answers lost': onStore({ answerLost: 0.3 }),
  'CRM slow': onCrm({ slowMs: 3_000 }),
  'CRM failing': onCrm({ failing: 0.7 }),
  'CRM hanging': onCrm({ hanging: 0.7 }),
  'killed while the store is slow': (parts) => {
    const end = onStore({ commitMs: 400 })(parts);
    parts.pbx.clock.after(parts.chance.between(500, 4_000), () =>
      parts.restart('kill', parts.chance.between(500, 5_000)),
    );
    return end;
  },
  'killed while ARI is half-open': (parts) => {
    const end = onAri({ silent: true }, true)(parts);
    parts.pbx.clock.after(parts.chance.between(500, 7_000), () =>
      parts.restart('kill', parts.chance.between(500, 5_000)),
    );
    return end;
  },
  'PBX restarts while the server is away': (parts) => {
    parts.restart('kill', 5_000);
    return faults['PBX restart']?.(parts) ?? nothing;
  },
};

/** Lets things go wrong one after another, now and then two at once, with peace in between. */
export class Faults {
  readonly counts: Record<string, number> = {};
  private readonly parts: FaultsParts;
  private readonly everyMs: number;
  private readonly active = new Set<End>();
  private isOpen = true;

  constructor(parts: FaultsParts, everyMs: number) {
    this.parts = parts;
    this.everyMs = everyMs;
    this.next();
  }

  get any(): boolean {
    return this.active.size > 0;
  }

  /** Nothing more goes wrong, and what is wrong now is mended. */
  close(): void {
    this.isOpen = false;
    for (const end of this.active) end();
  }

  private next(): void {
    const { pbx, chance } = this.parts;
    pbx.clock.after(chance.exponential(this.everyMs), () => {
      if (!this.isOpen) return;
      this.begin(chance.of(Object.keys(faults)));
      this.next();
    });
  }

  private begin(name: string): void {
    const { pbx, chance, diary } = this.parts;
    diary.note(`FAULT ${name}`);
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    const mend = faults[name]?.(this.parts) ?? nothing;
    const end = (): void => {
      if (!this.active.delete(end)) return;
      diary.note(`over: ${name}`);
      mend();
    };
    this.active.add(end);
    pbx.clock.after(chance.is(0.8) ? chance.between(1_000, 15_000) : chance.between(15_000, 60_000), end);
  }
}
