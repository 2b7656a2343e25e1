import { fictionalMobile } from '../sip/caller.ts';

export type Tier = 'platinum' | 'gold' | 'silver' | 'standard';

export interface SampleCustomer {
  readonly id: string;
  readonly name: string;
  readonly company: string;
  /** Eleven digits, national form. */
  readonly mobile: string;
  readonly tier: Tier;
  readonly tags: readonly string[];
  readonly language: 'zh' | 'en';
  /** What the customer has spent, in yuan: the value that routing looks at. */
  readonly lifetimeValue: number;
  readonly updatedAt: string;
}

export interface SampleOrder {
  readonly id: string;
  readonly customerId: string;
  readonly product: string;
  readonly amount: number;
  readonly orderedAt: string;
}

export interface SampleTicket {
  readonly id: string;
  readonly customerId: string;
  readonly subject: string;
  readonly status: 'open' | 'pending' | 'solved';
}

export interface SampleData {
  readonly customers: readonly SampleCustomer[];
  readonly orders: readonly SampleOrder[];
  readonly tickets: readonly SampleTicket[];
}

type Row = readonly [
  name: string,
  company: string,
  tier: Tier,
  tags: readonly string[],
  language: 'zh' | 'en',
  value: number,
];

/** The first customers, with names; their mobiles are `fictionalMobile(1)`, `(2)`, … in this order. */
const named: readonly Row[] = [
  ['王秀英', '华东贸易', 'platinum', ['vip', '老客户'], 'zh', 860_000],
  ['李伟', '晨光电子', 'gold', ['售后'], 'zh', 210_000],
  ['张敏', '', 'silver', [], 'zh', 32_000],
  ['Alice Carter', 'Northwind Ltd', 'gold', ['english'], 'en', 180_000],
  ['刘洋', '', 'standard', ['新客户'], 'zh', 300],
  ['陈静', '海蓝物流', 'silver', ['账单'], 'zh', 41_000],
  ['Bob Miller', '', 'standard', ['english'], 'en', 900],
  ['杨帆', '', 'standard', ['黑名单'], 'zh', 0],
  ['赵雷', '共用电话一', 'silver', ['家庭'], 'zh', 15_000],
  ['赵雨', '共用电话二', 'standard', ['家庭'], 'zh', 2000],
];

/** Index of the row whose mobile the row after it shares: a number with two customers. */
const SHARED = 8;

const products = ['智能音箱', '路由器', 'Standing desk', '空气净化器'];
const subjects = ['无法开机', '发票抬头有误', 'Parcel not delivered', '想要退货'];
const tiers: readonly Tier[] = ['standard', 'standard', 'silver', 'gold'];

/** The named customers and, after them, as many made-up ones as wanted. The same count gives the same data. */
export function sampleData(generatedCustomers = 0): SampleData {
  const customers = named.map((row, index) =>
    customerOf(row, index + 1, fictionalMobile(index === SHARED + 1 ? index : index + 1)),
  );
  for (let index = 0; index < generatedCustomers; index += 1) {
    const at = named.length + 1 + index;
    const tier = tiers[index % tiers.length] ?? 'standard';
    customers.push(customerOf([`客户${at}`, '', tier, [], 'zh', (index % 50) * 1000], at, fictionalMobile(at)));
  }
  return {
    customers,
    orders: customers.flatMap((customer, index) => ordersOf(customer.id, index)),
    tickets: customers.flatMap((customer, index) => ticketsOf(customer.id, index)),
  };
}

function customerOf(row: Row, number: number, mobile: string): SampleCustomer {
  const [name, company, tier, tags, language, lifetimeValue] = row;
  const updatedAt = new Date(Date.UTC(2026, 0, 1 + (number % 28))).toISOString();
  return {
    id: `C${String(number).padStart(5, '0')}`,
    name,
    company,
    mobile,
    tier,
    tags,
    language,
    lifetimeValue,
    updatedAt,
  };
}

const ordersOf = (customerId: string, index: number): SampleOrder[] =>
  Array.from({ length: (index + 3) % 4 }, (_, order) => ({
    id: `O${customerId.slice(1)}${order}`,
    customerId,
    product: products[(index + order) % products.length] ?? '',
    amount: 199 + 100 * order,
    orderedAt: new Date(Date.UTC(2026, order, 3)).toISOString(),
  }));

const ticketsOf = (customerId: string, index: number): SampleTicket[] =>
  Array.from({ length: (index + 1) % 3 }, (_, ticket) => ({
    id: `T${customerId.slice(1)}${ticket}`,
    customerId,
    subject: subjects[(index + ticket) % subjects.length] ?? '',
    status: ticket === 0 ? 'open' : 'solved',
  }));

/** `+86 139-0000-0001`, `008613900000001`, `8613900000001` and `13900000001` are the same customer. */
export function nationalMobile(phone: string): string {
  const digits = phone.replace(/\D/g, '').replace(/^00/, '');
  return digits.length === 13 && digits.startsWith('86') ? digits.slice(2) : digits;
}
