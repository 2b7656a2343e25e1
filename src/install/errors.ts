import { defineErrors } from '../kernel/index.ts';

/** Why files of a PBX are left as they are. Each is found before anything is written, or what was written is put back. */
export const installErrors = defineErrors('install', {
  usage: [400, 'the command is not complete', 'see: ringmaster dialplan --help'],
  not_there: [404, 'this is not a configuration directory of Asterisk', 'name the right one with --dir'],
  markers_damaged: [
    409,
    'the lines that mark our block are damaged, so nobody can say what is ours',
    'put the two marker lines back as "show" prints them, or take out our lines and both markers by hand',
  ],
  block_edited: [
    409,
    'somebody has changed our lines between the markers',
    'move the changes outside the markers, or lose them with --overwrite',
  ],
  read_only: [403, 'the file is read-only', 'give its owner the right to write, if that is meant'],
  changed_meanwhile: [409, 'the file changed while we looked at it', 'run the command again'],
  cannot_write: [
    500,
    'the file could not be written; all files are as they were',
    'run it as the owner of the directory',
  ],
  secret_missing: [
    400,
    'a secret that goes into the files is not in the environment',
    'set the variables that are named; "key create" makes the key',
  ],
  bad_value: [
    400,
    'a value has characters that would mean something else in a dialplan',
    'see: ringmaster dialplan --help',
  ],
});
