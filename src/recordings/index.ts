export { RecordingDesk } from './desk.ts';
export { recordingErrors } from './errors.ts';
export { folderFiles } from './folder-files.ts';
