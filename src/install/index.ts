export { type CommandWorld, runDialplanCommand } from './command.ts';
