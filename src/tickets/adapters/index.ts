export { createRestDesk } from './rest-template/desk.ts';
export { parseDeskTemplate } from './rest-template/template.ts';
