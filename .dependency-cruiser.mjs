/**
 * The import rules of ARCHITECTURE.md as data. `tools/import-rules.ts` runs them, after it has planted a violation of
 * each rule in a scratch tree and seen it caught: with TypeScript 7 this tool reads nothing unless the parser is swc,
 * and it calls an empty tree clean.
 */

const pureCore = ['calendar', 'call', 'agents', 'routing', 'campaigns/pacing', 'mirror/core'];
const catalogue = 'events/catalogue';
const ports = '.+/ports\\.ts$';

/** What each folder of src may import from src beside itself. `ports` stands for any ports.ts. */
const table = {
  kernel: [],
  schema: [],
  calendar: ['kernel'],
  call: ['kernel', 'calendar'],
  agents: ['kernel', 'call'],
  routing: ['kernel', 'calendar', 'call', 'agents'],
  'campaigns/pacing': ['kernel', 'calendar', 'call', 'agents'],
  'events/catalogue': ['kernel', 'call', 'agents', 'schema'],
  bridge: ['kernel', ...pureCore, 'events'],
  advice: ['kernel', 'call', 'bridge'],
  'mirror/core': ['kernel', 'call'],
  mirror: ['kernel', 'call', 'mirror/core', 'bridge', catalogue],
  install: ['kernel'],
  prompts: ['kernel'],
  outgoing: ['kernel'],
  rest: ['kernel', 'outgoing', 'schema', 'validation'],
  rules: ['kernel', 'calendar', 'call', 'routing'],
  validation: ['kernel', 'schema'],
  tickets: ['kernel', ...pureCore, 'events', 'rules'],
  'tickets/adapters': ['kernel', 'rest', 'schema', ports],
  recordings: ['kernel'],
  campaigns: ['kernel', ...pureCore, 'events'],
  ami: ['kernel', 'call', catalogue, ports],
  ari: ['kernel', 'call', catalogue, ports],
  crm: ['kernel', 'call', catalogue, 'outgoing', 'rest', 'schema', 'validation', ports],
  storage: ['kernel', 'call', catalogue, ports],
  cluster: ['kernel', 'events', ports],
  events: ['kernel', 'call', 'security', 'outgoing', 'schema', 'validation', catalogue, ports],
  security: ['kernel', 'call', 'schema', 'validation', catalogue, ports],
  observability: ['kernel', 'call', catalogue, ports],
  desktop: [catalogue, 'http/contract'],
};

/** Folders that talk to the world, and `schema` with the types of typebox; everything else in src does without npm. */
const npmUsers = [
  'ami',
  'ari',
  'crm',
  'doctor',
  'outgoing',
  'rest',
  'rules',
  'schema',
  'validation',
  'tickets/adapters',
  'storage',
  'events',
  'http',
].concat(['security', 'observability', 'desktop', 'cluster']);

/** A folder is also the file of that name: `campaigns/pacing` covers `campaigns/pacing.ts` and `pacing-rules.ts`. */
const inside = (folder) => {
  if (folder === ports) return `^src/${ports}`;
  return folder.includes('/') ? `^src/${folder}[^/]*(/|\\.ts$)` : `^src/${folder}/`;
};

const subfolders = Object.keys(table).filter((folder) => folder.includes('/'));

/** Rules of a subfolder are its own, not those of the folder around it. */
const subfoldersOf = (folder) => subfolders.filter((name) => name.startsWith(`${folder}/`)).map(inside);

const folderRules = Object.entries(table).map(([folder, allowed]) => ({
  name: `${folder.replace('/', '-')}-imports`,
  comment: `${folder} may import: ${allowed.map((name) => (name === ports ? 'any ports.ts' : name)).join(', ') || 'nothing'}.`,
  severity: 'error',
  from: { path: inside(folder), pathNot: subfoldersOf(folder) },
  to: { path: '^src/', pathNot: [inside(folder), ...allowed.map(inside)] },
}));

const npmTypes = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...folderRules,
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one module, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'front-doors-inside',
      comment: 'A folder of src is entered by its index.ts or ports.ts.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: {
        path: '^src/[^/]+/.+',
        pathNot: ['^src/$1/', '/(index|ports)\\.ts$', '^src/events/catalogue\\.ts$'],
      },
    },
    {
      name: 'front-doors-outside',
      comment:
        'compose, main, config, lab and sim enter a folder of src by its index.ts or ports.ts; tests may look in.',
      severity: 'error',
      from: { path: '^(src/[^/]+\\.ts$|config/|lab/|sim/)' },
      to: { path: '^src/[^/]+/.+', pathNot: ['/(index|ports)\\.ts$', '^src/events/catalogue\\.ts$'] },
    },
    {
      name: 'pure-core-is-pure',
      comment: 'Decisions are pure: no node:* and no npm package; time and chance come as parameters.',
      severity: 'error',
      from: { path: [...pureCore.map(inside), '^src/kernel/'] },
      to: { dependencyTypes: [...npmTypes, 'core'] },
    },
    {
      name: 'simulation-is-repeatable',
      comment:
        'What is simulated knows virtual time and seeds only; commands, what reads files, and the socket front are its edge.',
      severity: 'error',
      from: {
        path: '^sim/(chance|statistics|routing|pbx|days)/',
        pathNot: ['/(command|csv|load|overlay|crew|worker)\\.ts$', '^sim/pbx/front/'],
      },
      to: { dependencyTypes: [...npmTypes, 'core'] },
    },
    {
      name: 'npm-at-the-edge',
      comment: 'Only the folders that talk to the world use npm packages.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/[^/]+\\.ts$', ...npmUsers.map(inside), ...pureCore.map(inside), '^src/kernel/'],
      },
      to: { dependencyTypes: npmTypes },
    },
    {
      name: 'catalogue-is-plain',
      comment: 'The catalogue of events declares; it does nothing.',
      severity: 'error',
      from: { path: inside(catalogue) },
      to: { dependencyTypes: [...npmTypes, 'core'] },
    },
    {
      name: 'typebox-for-types-only',
      comment:
        'Take Type, Static and TSchema from src/schema, and checks from src/validation: typebox itself is 12 MB of the server at rest.',
      severity: 'error',
      from: { path: '^(src|config)/', pathNot: '^src/schema/' },
      to: { path: '(^|/)typebox(/|$)' },
    },
    {
      name: 'src-stands-alone',
      comment: 'Nothing in src imports what serves to test, show or measure it; config is for the files at the top.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(lab|sim|bench|test|tools)/' },
    },
    {
      name: 'nobody-imports-main',
      comment: 'main.ts and compose.ts are the top.',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'config-is-read-at-the-top',
      comment:
        'Configuration is handed down as values by the files at the top of src; only they and the simulator read it.',
      severity: 'error',
      from: { pathNot: '^(config/|lab/|sim/|test/|tools/|src/[^/]+\\.ts$)' },
      to: { path: '^config/' },
    },
    {
      name: 'config-imports',
      comment:
        'config may import kernel, schema, the pure core, security and observability (keys, secrets, log levels), rules, what ticket rules may ask about, and npm.',
      severity: 'error',
      from: { path: '^config/' },
      to: {
        path: '^(src|lab|sim|bench|test|tools)/',
        pathNot:
          '^src/((kernel|schema|call|agents|routing|calendar|security|observability|rules)/|tickets/ports\\.ts$)',
      },
    },
    {
      name: 'declared-packages-only',
      comment: 'src runs on what `npm ci --omit=dev` installs; the page is built before, from what is left out then.',
      severity: 'error',
      from: { path: '^(src|config)/', pathNot: '^src/desktop/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: '/@types/' },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere hides from all other rules. The drivers named here are optional.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(ari-client|asterisk-manager)$' },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/fixtures/' },
    moduleSystems: ['es6', 'cjs'],
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
  },
};
