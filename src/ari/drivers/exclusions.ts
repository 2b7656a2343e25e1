/**
 * What the npm package ari-client 2.2.0 cannot do (it also prints a warning about Swagger on standard output); the conformance suite reads this list and skips nothing else.
 * Keys are names of behaviours in `test/conformance/ari.test.ts`.
 */
export const ARI_CLIENT_EXCLUSIONS: Readonly<Record<string, string>> = {
  'takes effect in the order of the calls without waiting':
    'the package speaks HTTP only, on several connections; pbx.ts waits for each answer instead',
  'serves several nodes in one process':
    'the package keeps credentials in a variable shared by all its clients; a second node is refused with ari.driver_shared',
  'tells the status of a success': 'the package hides it; 200 is reported',
  'serves a path other than /ari': 'the package has the path built in; another is refused with ari.driver_unfit',
};
