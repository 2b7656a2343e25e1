/** Priority of threads whose work can wait (`nice`): a tenth of a core that others want too, all of one that is idle. */
export const backgroundNice = 10;
