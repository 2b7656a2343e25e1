/** The columns of the directory's CSV file and the header names that they may have. */
export const columnNames = {
  phone: ['phone', 'phones', 'number', 'mobile', 'tel', '电话', '手机', '手机号', '号码', '联系电话'],
  name: ['name', '姓名', '名称', '客户', '客户名称'],
  id: ['id', 'customer id', 'customerid', '编号', '客户编号'],
  tier: ['tier', 'level', '等级', '级别', '客户等级'],
  value: ['value', 'score', '价值', '价值分'],
  vip: ['vip', '贵宾', '重要客户'],
  blacklisted: ['blacklisted', 'blacklist', '黑名单'],
  tags: ['tags', '标签'],
  language: ['language', 'lang', '语言'],
  region: ['region', '地区', '归属地'],
  owner: ['owner', 'owner agent', '专属坐席', '客户经理'],
  strategy: ['strategy', 'note', '备注', '策略'],
} as const;
export type Column = keyof typeof columnNames;

const byName = new Map<string, Column>(
  Object.entries(columnNames).flatMap(([column, names]) => names.map((name) => [name, column as Column] as const)),
);

/** The column that a header names, in any case and with blanks around it; undefined when none does. */
export const columnOf = (header: string): Column | undefined => byName.get(header.trim().toLowerCase());

const yes = new Set(['1', 'true', 'yes', 'y', '是', '对', '√', 'vip']);
const no = new Set(['', '0', 'false', 'no', 'n', '否', '不是', '×']);

/** Undefined when the text is neither. */
export function yesOrNo(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (yes.has(word)) return true;
  return no.has(word) ? false : undefined;
}
