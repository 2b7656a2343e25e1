import type { AdapterAnswer, CustomerAdapter, CustomerQuery } from '../../crm/index.ts';
import { AppError } from '../../kernel/index.ts';
import { failed, type Finding, ok, said } from '../finding.ts';

const words: Readonly<Record<AdapterAnswer['kind'], readonly [en: string, zh: string]>> = {
  hit: ['knows the number that was asked for', '查到了试查的号码'],
  ambiguous: ['knows several customers of the number that was asked for', '试查的号码对应多位客户'],
  none: ['answers; nobody has the number that was asked for', '有答复；试查的号码没有客户'],
};

/** What the CRM said; of the customer, if there is one, nothing is told. */
export async function checkCrm(adapter: CustomerAdapter, query: CustomerQuery, timeoutMs: number): Promise<Finding> {
  try {
    const { kind } = await adapter.find(query, AbortSignal.timeout(timeoutMs));
    return ok(...words[kind]);
  } catch (error) {
    return judgeCrmError(error, timeoutMs);
  } finally {
    await adapter.close();
  }
}

export function judgeCrmError(error: unknown, timeoutMs: number): Finding {
  if (!(error instanceof AppError)) {
    return failed(
      said(`no answer within ${timeoutMs} ms`, `${timeoutMs} 毫秒内没有答复`),
      said('Check the address in crm.adapters, and the CRM.', '请检查 crm.adapters 中的地址以及 CRM。'),
    );
  }
  return failed(
    said(`${error.code}: ${error.message}`, `${error.code}：${error.message}`),
    said(error.mend, '请按错误码在 docs/errors.md 中查处理办法；核对地址、令牌与 allow 网段。'),
  );
}
