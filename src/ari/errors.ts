import { AppError, defineErrors, type ErrorSpec } from '../kernel/index.ts';

export const ariErrors = defineErrors('ari', {
  not_connected: [
    503,
    'The PBX is not connected',
    'Check that Asterisk runs and that its http.conf and ari.conf let us in.',
  ],
  link_lost: [
    503,
    'The link to the PBX broke before it answered',
    'Nothing if it is rare; the state is read anew on reconnect.',
  ],
  auth_failed: [502, 'The PBX refused the ARI user', 'Compare user and password with ari.conf and reload res_ari.'],
  half_open: [503, 'The PBX stopped answering pings', 'Check the network between us and the PBX.'],
  replaced: [
    503,
    'Another server took our ARI application name',
    'Stop the other server or give each its own application name, then restart.',
  ],
  connect_failed: [
    503,
    'The event socket could not be opened',
    'Check address, port and firewall, and that http.conf is enabled.',
  ],
  timeout: [
    504,
    'The PBX did not answer in time',
    'Check the load of the PBX; raise the deadline only if it is healthy.',
  ],
  busy: [
    503,
    'Too many requests to the PBX are waiting',
    'Check the load of the PBX; calls come faster than it takes commands.',
  ],
  request_too_large: [500, 'The request is larger than ARI takes', 'Send fewer or shorter values.'],
  request_invalid: [
    500,
    'The request to the PBX is not well formed',
    'This is a defect here; report it with the detail.',
  ],
  bad_answer: [
    502,
    'The PBX gave an answer that does not fit its own description',
    'Report it with the version of Asterisk.',
  ],
  refused: [502, 'The PBX refused the request', 'See the status and text that it gave.'],
  driver_missing: [
    500,
    'The package of the chosen ARI driver is not installed',
    'Install the optional dependency or choose the driver ringmaster.',
  ],
  driver_shared: [500, 'The driver ari-client can serve one PBX only', 'Use the driver ringmaster for several nodes.'],
  driver_unfit: [500, 'The driver ari-client cannot serve this address', 'Use the driver ringmaster.'],
  bad_command: [
    500,
    'A call asked the PBX for something that is not allowed',
    'Check endpoints, targets and media in the config.',
  ],
});

/** A failure on the way to the PBX or an answer other than success; `pbxStatus` is there when the PBX did answer. */
export class AriError extends AppError {
  readonly pbxStatus: number | undefined;

  constructor(spec: ErrorSpec, detail?: string, options?: { cause?: unknown; pbxStatus?: number }) {
    super(spec, detail, options);
    this.pbxStatus = options?.pbxStatus;
  }
}
