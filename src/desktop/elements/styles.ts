import { css } from 'lit';

/** What all elements share: panels, headings, buttons, tags, rows, and the focus that one can see. */
export const base = css`
  :host {
    display: block;
    min-width: 0;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h2,
  h3 {
    margin: 0;
    font-size: 1rem;
    line-height: 1.3;
  }
  h3 {
    font-size: 0.875rem;
    color: var(--rm-quiet);
    font-weight: 600;
  }
  p {
    margin: 0;
  }
  .panel {
    background: var(--rm-panel);
    border: 1px solid var(--rm-line);
    border-radius: 0.5rem;
    padding: 0.75rem 1rem;
    overflow-wrap: anywhere;
  }
  .head {
    display: flex;
    justify-content: space-between;
    align-items: baseline;
    gap: 0.5rem;
    margin-bottom: 0.5rem;
  }
  .quiet {
    color: var(--rm-quiet);
  }
  .small {
    font-size: 0.875rem;
  }
  .figures {
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  ul {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  li.row {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0.125rem 0.75rem;
    padding: 0.375rem 0;
    border-top: 1px solid var(--rm-line);
  }
  li.row:first-child {
    border-top: 0;
  }
  .grow {
    flex: 1 1 10rem;
    min-width: 0;
  }
  .tag {
    display: inline-block;
    border: 1px solid currentColor;
    border-radius: 1rem;
    padding: 0 0.5rem;
    font-size: 0.8125rem;
    line-height: 1.375rem;
    margin-inline-end: 0.25rem;
  }
  .tag.good {
    color: var(--rm-good);
    background: var(--rm-good-soft);
  }
  .tag.warn {
    color: var(--rm-warn);
    background: var(--rm-warn-soft);
  }
  .tag.bad {
    color: var(--rm-bad);
    background: var(--rm-bad-soft);
  }
  .tag.busy {
    color: var(--rm-accent);
    background: var(--rm-busy-soft);
  }
  .tag.gold {
    color: var(--rm-gold);
    background: var(--rm-gold-soft);
  }
  .tag.plain {
    color: var(--rm-quiet);
  }
  button,
  select,
  input {
    font: inherit;
    color: inherit;
    background: var(--rm-panel);
    border: 1px solid var(--rm-edge);
    border-radius: 0.375rem;
    padding: 0.3125rem 0.75rem;
    min-height: 2.25rem;
    max-width: 100%;
  }
  button {
    cursor: pointer;
  }
  button:hover {
    border-color: var(--rm-accent);
  }
  button.main {
    background: var(--rm-accent);
    border-color: var(--rm-accent);
    color: var(--rm-on-accent);
    font-weight: 600;
  }
  button.danger {
    color: var(--rm-bad);
    border-color: currentColor;
  }
  button.link {
    border: 0;
    background: none;
    padding: 0;
    color: var(--rm-accent);
    text-decoration: underline;
  }
  button[aria-disabled='true'] {
    color: var(--rm-quiet);
    background: none;
    border: 1px dashed var(--rm-edge);
    cursor: not-allowed;
    font-weight: 400;
  }
  a {
    color: var(--rm-accent);
  }
  label {
    display: grid;
    gap: 0.125rem;
    font-size: 0.875rem;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  :focus-visible {
    outline: 3px solid var(--rm-accent);
    outline-offset: 2px;
  }
  kbd {
    font: 0.75rem/1 var(--rm-font);
    color: inherit;
    opacity: 1;
    margin-inline-start: 0.375rem;
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
