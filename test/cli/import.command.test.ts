import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importCommand } from '../../src/cli/import.command.js';
import { useCommandLine } from '../support/command-line.js';
import { useTestDatabase } from '../support/database.js';
import { useFolder } from '../support/folder.js';

describe('clvgraph import', () => {
  const database = useTestDatabase();
  const folder = useFolder();
  const printed = useCommandLine(database);

  const run = (...args: string[]) => importCommand().exitOverride().parseAsync(args, { from: 'user' });

  it('loads by flags and prints what became of the rows', async () => {
    const file = join(folder, 'events.csv');
    const rejected = join(folder, 'rejected.csv');
    await writeFile(file, 'Who;When, roughly\nc1;03/31/2024\nc1;31/03/2024\nc2;4/1/2024 9:30\n');
    const flags = ['--kind', 'events', '--date-format', 'mdy', '--delimiter', ';', '--source', 'web'];
    const rest = ['--set', 'event.type=browse', '--rejections', rejected];
    await run(file, ...flags, ...rest, '--map', 'customer.externalId=Who,event.occurredAt=When, roughly');
    expect(printed.at(-1)).toContain('3 rows of events, 2 accepted, 1 rejected');
    expect(printed.at(-1)).toContain('1 row: "When, roughly" fits --date-format dmy, not mdy');
    expect(printed.at(-1)).toMatch(/events: 2 created$/m);
    expect(await readFile(rejected, 'utf8')).toContain(
      'events.csv,3,"When, roughly",31/03/2024,"fits --date-format dmy, not mdy: if',
    );
    await run(file, ...flags, ...rest, '--map', 'customer.externalId=Who', '--map', 'event.occurredAt=When, roughly');
    expect(printed.at(-1)).toMatch(/events: 0 created, 2 unchanged$/m);
  });

  it('takes quotes as they stand with --plain-quotes', async () => {
    const file = join(folder, 'report.txt');
    const names = ['plain', '"Pro cable', '19" screen', '"a" and "b"', 'plain too'];
    await writeFile(file, ['sku\tname', ...names.map((name, i) => `q${i}\t${name}`), ''].join('\n'));
    await run(file, '--kind', 'products', '--plain-quotes', '--map', 'product.externalId=sku,product.name=name');
    expect(printed.at(-1)).toMatch(/products: 5 created$/m);
    const stored = await database.dataSource.query<{ name: string }[]>(
      `select name from product where external_id like 'q_' order by external_id`,
    );
    expect(stored.map(({ name }) => name)).toEqual(names);
  });

  it('reads fields with spaces around them', async () => {
    const file = join(folder, 'spaced.csv');
    await writeFile(file, 'Who,When\nspaced,2024-03-01\n');
    await run(
      file,
      '--kind',
      'events',
      '--map',
      'customer.externalId = Who, event.occurredAt = When',
      '--set',
      'event.type = CART',
    );
    expect(printed.at(-1)).toMatch(/events: 1 created$/m);
    const wrong = run(file, '--kind', 'events', '--map', 'externalId=Who');
    await expect(wrong).rejects.toThrow(
      '"externalId=Who" is not of the form field=column, such as order.placedAt=Date.',
    );
  });

  it('a flag overrules a column by a constant and the other way round, and adds what a mapping lacks', async () => {
    const file = join(folder, 'views.csv');
    const mapping = join(folder, 'views.json');
    await writeFile(file, 'who,at,page\nc9,2024-01-01,p\n');
    const columns = { 'customer.externalId': 'who', 'event.occurredAt': 'at', 'product.externalId': 'page' };
    await writeFile(mapping, JSON.stringify({ kind: 'events', columns, constants: { 'event.text': 'seen' } }));
    await run(
      file,
      '--mapping',
      mapping,
      '--set',
      'event.type=BROWSE,product.externalId=q',
      '--map',
      'event.text=page',
    );
    expect(
      await database.dataSource.query(
        `select e.type, e.text, p.external_id as product from behavior_event e join product p on p.id = e.product_id`,
      ),
    ).toEqual([{ type: 'BROWSE', text: 'p', product: 'q' }]);
  });

  it('loads by a mapping in JSON, flags over it', async () => {
    const file = join(folder, 'orders.csv');
    const mapping = join(folder, 'mapping.json');
    await writeFile(file, 'id,buyer,day,sum\n1,a,2024-01-01,"1.234,50"\n');
    const columns = { 'order.externalId': 'id', 'customer.externalId': 'buyer', 'order.placedAt': 'day' };
    await writeFile(mapping, JSON.stringify({ kind: 'orders', columns: { ...columns, 'order.total': 'total' } }));
    await run(file, '--mapping', mapping, '--map', 'order.total=sum', '--decimal-comma', '--currency', 'EUR');
    expect(await database.dataSource.query('select total, currency from customer_order')).toEqual([
      { total: '1234.5000', currency: 'EUR' },
    ]);
  });

  it('reads the whole name of a column that goes over two lines', async () => {
    const file = join(folder, 'headings.csv');
    await writeFile(file, 'No,Day,Total,"Total\n(net)"\n1,2024-01-01,119,100\n');
    const map = 'order.externalId=No,order.total=Total\n(net),order.placedAt=Day';
    await run(file, '--kind', 'orders', '--source', 'headings', '--map', map);
    const totals = await database.dataSource.query(`select total from customer_order where source = 'headings'`);
    expect(totals).toEqual([{ total: '100.0000' }]);
  });

  it('warns of a file whose orders nobody has placed', async () => {
    const file = join(folder, 'nobody.csv');
    await writeFile(file, 'day,sum,buyer\n2024-01-01,5,ann\n2024-01-02,6,\n');
    const flags = ['--kind', 'orders', '--map', 'order.placedAt=day,order.total=sum', '--source', 'nobody'];
    await run(file, ...flags);
    expect(printed.at(-1)).toContain('  2 orders without a customer\n  warning: no order has a customer');
    await run(file, ...flags, '--map', 'customer.externalId=buyer');
    expect(printed.at(-1)).toMatch(/ {2}1 order without a customer\n(?! {2}warning: no order)/);
  });

  it('warns of a column that may tell cancelled orders, unless it is read or rows are left out', async () => {
    const file = join(folder, 'cancelled.csv');
    await writeFile(file, 'day,sum,buyer, Order_Status \n2024-01-01,5,ann,delivered\n2024-01-02,6,bob,canceled\n');
    const map = ['--map', 'order.placedAt=day,order.total=sum,customer.externalId=buyer'];
    const flags = ['--kind', 'orders', ...map, '--source', 'cancelled'];
    await run(file, ...flags);
    expect(printed.at(-1)).toContain(
      '  warning: no rows were left out, and the column "Order_Status" was not read: if it says which orders were cancelled',
    );
    await run(file, ...flags, '--only', 'order_status=delivered');
    expect(printed.at(-1)).toContain('  1 row left out: "order_status" is "canceled"');
    expect(printed.at(-1)).not.toContain('was not read');
    await run(file, ...flags, '--map', 'order.externalId=order_status');
    expect(printed.at(-1)).not.toContain('was not read');
    await run(file, '--kind', 'customers', '--map', 'customer.externalId=buyer', '--source', 'cancelled');
    expect(printed.at(-1)).not.toContain('was not read');
  });

  it('warns where the customers of two files do not meet', async () => {
    const file = join(folder, 'people.csv');
    const write = (prefix: string) =>
      writeFile(file, ['who,day', ...Array.from({ length: 25 }, (_, i) => `${prefix}${i},2024-03-01`)].join('\n'));
    const orders = ['--kind', 'orders', '--set', 'order.total=5', '--map', 'order.placedAt=day'];
    const who = ['--map', 'customer.externalId=who'];
    await write('0');
    await run(file, '--kind', 'customers', ...who, '--source', 'contacts');
    await run(file, ...orders, ...who, '--source', 'till');
    expect(printed.at(-1)).toContain(
      '  warning: 25 customers of the source "contacts" have the same ids as customers of',
    );
    await write('');
    await run(file, '--kind', 'customers', ...who, '--source', 'till');
    expect(printed.at(-1)).toContain(
      'customer of this file was known, and 25 known ones with orders are not in it: is',
    );
    await write('+');
    await run(file, ...orders, ...who, '--source', 'till');
    expect(printed.at(-1)).toContain(', and 25 known ones without orders are not in it: is the same id written in');
  });

  it('warns of ids that pandas has made decimal numbers', async () => {
    const file = join(folder, 'decimal.csv');
    await writeFile(file, 'id,land\n13085.0,FR\n');
    await run(
      file,
      '--kind',
      'customers',
      '--map',
      'customer.externalId=id,customer.country=land',
      '--source',
      'pandas',
    );
    expect(printed.at(-1)).toContain(
      '  warning: ids of customers such as "13085.0" end in .0, as pandas writes numbers',
    );
  });

  it('warns of a customer who may stand for guests, and --empty leaves them without a customer', async () => {
    const file = join(folder, 'guests.csv');
    const rows = Array.from({ length: 1_200 }, (_, i) => `g${i},${i % 12 === 0 ? '0' : `c${i}`},2024-01-01,5`);
    await writeFile(file, ['id,buyer,day,sum', ...rows].join('\n'));
    const columns = 'order.externalId=id,customer.externalId=buyer,order.placedAt=day,order.total=sum';
    await run(file, '--kind', 'orders', '--map', columns);
    expect(printed.at(-1)).toContain(
      '  warning: customer "0" has 100 of 1,200 orders: a placeholder for guests? See --empty',
    );
    await run(file, '--kind', 'orders', '--map', columns, '--empty', '0,NULL', '--empty', 'N/A', '--source', 'named');
    expect(printed.at(-1)).toContain('  100 orders without a customer');
    expect(printed.at(-1)).not.toContain('placeholder');
  });

  it('warns of orders that another system takes from their customers', async () => {
    const file = join(folder, 'shops.csv');
    const columns = 'order.externalId=no,order.placedAt=day,order.total=net,customer.externalId=who';
    const loaded = async (...rows: string[]) => {
      await writeFile(file, ['no,day,net,who', ...rows].join('\n'));
      await run(file, '--kind', 'orders', '--map', columns, '--source', 'both');
    };
    await loaded('1001,2024-01-01,10,ann', '1002,2024-01-02,20,bob', '1003,2024-01-03,30,');
    await loaded('1002,2024-01-02,25,bob', '1003,2024-01-03,30,bob');
    expect(printed.at(-1)).not.toContain('moved from');
    await loaded('1001,2024-02-01,7,zoe', '1002,2024-02-02,9,', '1004,2024-02-03,9,ann');
    expect(printed.at(-1)).toContain('  warning: 1 order moved from one customer to another');
  });

  it('warns of rows that an order loses by its id, and of prices that count for nothing', async () => {
    const file = join(folder, 'payments.csv');
    const rows = ['A,1,2024-01-01,$12.00,MUG', 'A,1,2024-01-01,$12.00,CUP', 'A,2,2024-01-05,-$12.00,MUG'];
    await writeFile(file, ['sale,payment,day,net,sku', ...rows].join('\n'));
    const orders = 'order.placedAt=day,order.total=net';
    await run(file, '--kind', 'orders', '--map', `order.externalId=sale,${orders}`, '--source', 'sales');
    expect(printed.at(-1)).toMatch(
      /warning: 1 row with the order id of a later row that has another date or total: .* by --kind order-lines/,
    );
    await run(file, '--kind', 'orders', '--map', `order.externalId=payment,${orders}`, '--source', 'payments');
    expect(printed.at(-1)).not.toContain('of a later row');
    const lines = 'order.externalId=payment,order.placedAt=day,line.unitPrice=net,product.externalId=sku';
    const flags = ['--kind', 'order-lines', '--set', 'line.quantity=1', '--source', 'lines'];
    await run(file, ...flags, '--map', lines);
    expect(printed.at(-1)).toContain('  warning: 1 line with a price below 0, not counted');
    await run(file, ...flags, '--set', 'product.merchandise=no', '--map', lines);
    expect(printed.at(-1)).not.toContain('below 0');
  });

  it('warns of orders whose lines are of several days, and of totals that lines take the place of', async () => {
    const file = join(folder, 'receipts.csv');
    const load = async (flags: readonly string[], ...rows: string[]) => {
      await writeFile(file, ['no,day,who,qty,price,total', ...rows].join('\n'));
      const map = 'order.externalId=no,order.placedAt=day,customer.externalId=who';
      await run(file, '--source', 'till', '--map', map, ...flags);
    };
    const lines = ['--kind', 'order-lines', '--map', 'line.quantity=qty,line.unitPrice=price'];
    await load(lines, '1,2024-01-01 09:00,ann,1,5,', '1,2024-01-01 20:59,ann,1,4,', '2,2024-01-01 09:00,bob,2,5,');
    expect(printed.at(-1)).not.toContain('hours apart');
    await load(lines, '1,2024-01-01 09:00,ann,1,5,', '2,2024-01-01 09:00,bob,2,5,', '1,2024-01-02 09:00,ann,2,5,');
    expect(printed.at(-1)).toContain(
      '  warning: 1 order with lines more than twelve hours apart, all counted on the first day',
    );
    const totals = ['--kind', 'orders', '--map', 'order.total=total'];
    await load(totals, '1,2024-01-01,ann,,,7', '3,2024-01-01,ann,,,7');
    expect(printed.at(-1)).toContain('  warning: 1 order with lines of an earlier load: these count, not the totals');
    await load(totals, '3,2024-01-01,ann,,,9');
    expect(printed.at(-1)).not.toContain('an earlier load');
  });

  it('warns where the demo shop is in the database, too', async () => {
    const file = join(folder, 'people.csv');
    await writeFile(file, 'id\nd1\n');
    const flags = ['--kind', 'customers', '--map', 'customer.externalId=id'];
    await run(file, ...flags, '--source', 'demo');
    expect(printed.at(-1)).not.toContain('demo shop');
    await run(file, ...flags, '--source', 'mine');
    expect(printed.at(-1)).toContain('  warning: the demo shop is in this database, too');
    await database.dataSource.query(`delete from customer where source = 'demo'`);
    await run(file, ...flags, '--source', 'mine');
    expect(printed.at(-1)).not.toContain('demo shop');
  });

  it('sends a terminal nothing but text, whatever a customer is called', async () => {
    const file = join(folder, 'escapes.csv');
    const rows = Array.from(
      { length: 1_200 },
      (_, i) => `e${i},${i % 12 === 0 ? '\u001b[2J\u009b2Jx' : `c${i}`},2024-01-01,5`,
    );
    await writeFile(file, ['id,buyer,day,sum', ...rows].join('\n'));
    const columns = 'order.externalId=id,customer.externalId=buyer,order.placedAt=day,order.total=sum';
    await run(file, '--kind', 'orders', '--map', columns, '--source', 'escapes');
    expect(printed.at(-1)).toContain(String.raw`warning: customer "\u001b[2J\u009b2Jx" has 100 of`);
    for (const sign of ['\u001b', '\u009b']) expect(printed.at(-1)).not.toContain(sign);
  });

  it('--only leaves out rows with other values, over what a mapping says', async () => {
    const file = join(folder, 'states.csv');
    const mapping = join(folder, 'states.json');
    await writeFile(
      file,
      'id,day,sum,State,Test\n1,2024-01-01,5,paid,no\n2,2024-01-01,5,open,no\n3,2024-01-01,5,x,y\n',
    );
    const columns = { 'order.externalId': 'id', 'order.placedAt': 'day', 'order.total': 'sum' };
    await writeFile(mapping, JSON.stringify({ kind: 'orders', columns, only: { Test: ['no'], State: ['paid'] } }));
    await run(file, '--mapping', mapping, '--source', 'states');
    expect(printed.at(-1)).toContain('3 rows of orders, 1 accepted, 0 rejected, 2 left out');
    expect(printed.at(-1)).toMatch(/^ {2}1 row left out: "State" is "open"\n {2}1 row left out: "Test" is "y"$/m);
    await run(file, '--mapping', mapping, '--only', 'State=paid,open', '--only', 'Test=no,', '--source', 'states');
    expect(printed.at(-1)).toContain('3 rows of orders, 2 accepted, 0 rejected, 1 left out');
    await expect(run(file, '--mapping', mapping, '--only', 'State')).rejects.toThrow(/not of the form column=value/);
  });

  it('tells by which values most rows are left out, and how many by others', async () => {
    const file = join(folder, 'many-states.csv');
    const states = ['e', 'a', 'b', 'b', 'c', 'd', 'f', 'g', 'a', ''];
    await writeFile(file, ['id,day,sum,State', ...states.map((state, i) => `${i},2024-01-01,5,${state}`)].join('\n'));
    const columns = 'order.externalId=id,order.placedAt=day,order.total=sum';
    await run(file, '--kind', 'orders', '--map', columns, '--only', 'State=paid', '--source', 'states');
    expect(printed.at(-1)!.match(/^.* left out: .*$/gm)).toEqual([
      '  2 rows left out: "State" is "a"',
      '  2 rows left out: "State" is "b"',
      '  1 row left out: "State" is "e"',
      '  1 row left out: "State" is "c"',
      '  1 row left out: "State" is "d"',
      '  3 rows left out: other values',
    ]);
  });

  it('warns where stored orders are in several currencies', async () => {
    await database.dataSource.query('truncate customer_order cascade');
    const file = join(folder, 'currencies.csv');
    const columns =
      'order.externalId=id,customer.externalId=who,order.placedAt=day,order.total=sum,order.currency=money';
    const load = async (...rows: string[]) => {
      await writeFile(file, ['id,who,day,sum,money', ...rows].join('\n'));
      await run(file, '--kind', 'orders', '--map', columns);
    };
    await load('1,ann,2024-01-01,5,EUR', '2,ann,2024-01-01,5,EUR', '3,,2024-01-01,5,GBP');
    expect(printed.at(-1)).not.toContain('warning');
    await load('4,ann,2024-01-01,5,USD');
    expect(printed.at(-1)).toContain('  warning: stored orders are in 2 currencies (EUR 2, USD 1): amounts are added');
  });

  it.each([
    [[], /give --preset, --mapping, or --kind/],
    [['--preset', 'cdnow', '--mapping', 'x.json'], /not both/],
    [['--mapping', 'none.json'], /none\.json cannot be used/],
    [['--kind', 'orders'], /order\.placedAt is required/],
  ])('with %j says what is wrong', async (flags, message) => {
    await expect(run('any.csv', ...flags)).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['[]', 'mapping: must be an object'],
    ['{"columns": null}', 'columns: must be an object'],
    ['{"kind": "orders", "constants": "GB", "only": []}', 'constants: must be an object; only: must be an object'],
  ])('with a mapping of %s says what is wrong, and in which file', async (text, problem) => {
    const mapping = join(folder, 'wrong.json');
    await writeFile(mapping, text);
    await expect(run('any.csv', '--mapping', mapping)).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
      message: `Wrong mapping ${mapping}: ${problem}`,
    });
  });
});
