import { browserClock, browserFetch, browserRandom, openEventSocket } from './browser.ts';
import { Desk } from './desk.ts';
import './elements/desk-page.ts';
import { languages } from './words/words.ts';

const desk = new Desk({
  fetch: browserFetch,
  openSocket: openEventSocket,
  clock: browserClock,
  random: browserRandom,
  preferences: localStorage,
  browserLanguages: navigator.languages,
});

function dressPage(): void {
  const { documentElement: root } = document;
  root.lang = languages[desk.language].tag;
  root.dataset['theme'] = desk.preferences.theme;
  document.title = desk.say('title');
}

desk.listen(dressPage);
dressPage();
void desk.learn();

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') desk.wake();
});
window.addEventListener('online', () => desk.wake());
window.addEventListener('pageshow', () => desk.wake());

const page = document.createElement('ringmaster-desk');
page.desk = desk;
document.body.append(page);
