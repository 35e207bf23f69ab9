import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError, contractOf, defineTool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';

const orderId = z.string().regex(/^ORD-\d+$/, 'must be the number of an order, such as ORD-1001');
const order = z.object({ orderId, customer: z.string(), totalCents: z.int(), currency: z.string() });
const refund = z.object({ orderId, amountCents: z.int() });

/** The shop's books are files here, so that this example needs nothing else; a real tool would call a service. */
const findOrder = (shop: string) =>
  defineTool({
    name: 'find_order',
    description: 'Looks up an order by its number.',
    effect: 'read',
    input: z.strictObject({ orderId }),
    output: order,
    roles: { orderId: 'target' },
    // The shop vouches for its own totals, so they may be used as amounts.
    outputLabel: { trust: 'organisation', secrecy: 'internal', fields: { totalCents: { trust: 'endorsed' } } },
    timeoutMs: 3_000, retry: { attempts: 3, baseDelayMs: 200, maxDelayMs: 2_000 }, concurrency: 8,
    async execute({ orderId: wanted }) {
      const orders = z.array(order).parse(JSON.parse(await readFile(join(shop, 'orders.json'), 'utf8')));
      const found = orders.find((one) => one.orderId === wanted);
      if (found === undefined) throw ToolError.refused({ code: 'shop.no-order', message: `There is no order ${wanted}.` });
      return found;
    },
  });

const refundOrder = (shop: string) =>
  defineTool({
    name: 'refund_order',
    description: 'Refunds an order. It happens once, whoever asks and however often.',
    // Writing the same file twice is writing it once, so a lost answer may be followed by another try.
    effect: 'idempotent',
    identity: ['orderId'],
    input: z.strictObject({ orderId, amountCents: z.int().positive() }),
    output: refund,
    roles: { orderId: 'target', amountCents: 'sink' },
    amountArgument: 'amountCents',
    outputLabel: { trust: 'organisation', secrecy: 'internal' },
    timeoutMs: 3_000, retry: { attempts: 3, baseDelayMs: 200, maxDelayMs: 2_000 }, concurrency: 8,
    async execute(made) {
      await mkdir(join(shop, 'refunds'), { recursive: true });
      await writeFile(join(shop, 'refunds', `${made.orderId}.json`), `${JSON.stringify(made)}\n`);
      return made;
    },
  });

export const shopTools = (shop: string) => [findOrder(shop), refundOrder(shop)];

/** What policy, models and the console know of the tools; it does not depend on where the shop is. */
export const contracts: ToolModule['contracts'] = shopTools('').map((tool) => contractOf(tool));

/** What a worker loads. SHOP_FOLDER comes from .env where it is set. */
export const tools: ToolModule['tools'] = ({ variables }) => shopTools(variables['SHOP_FOLDER'] ?? join(import.meta.dirname, 'shop'));
