import { defineErrors } from '../kernel/index.ts';

export const recordingErrors = defineErrors('recording', {
  unknown: [404, 'there is no such recording', 'list the recordings of the call; it may have been deleted'],
  not_ready: [409, 'the recording is not over, or its file not read yet', 'wait for recording.ready'],
  file_gone: [410, 'the file of the recording is not there any more', 'look at the storage of the PBX'],
  unreachable: [503, 'the place where the file lies cannot be reached', 'try again; look at the link to the PBX'],
  too_large: [413, 'the file is larger than recording.fileBytesMax', 'raise recording.fileBytesMax'],
});
