import pg from 'pg';
import { refreshPurchaseDays } from './dist/src/ml/features/purchase-days.js';
import { ScaleServer } from './dist/bench/speed/scale/database.js';
const s = await ScaleServer.start('.clvgraph/scale/postgres');
for (const [n,k] of [[100000,5000],[100000,20000],[1000000,50000]]) {
const m=/^postgres(?:ql)?:\/\/([^@/]*)@?\/([^?]*)\?host=([^&]+)$/.exec(s.urlOf(n));
const c=new pg.Client({user:m[1],database:m[2],host:decodeURIComponent(m[3])}); await c.connect();
const ids=(await c.query(`select id from customer where id > ${n/2} order by id limit ${k}`)).rows.map(r=>r.id);
for(const wm of ['4MB','128MB']){ await c.query('begin'); await c.query('set local jit=off'); await c.query(`set local work_mem='${wm}'`);
const a=performance.now(); let qs=[]; await refreshPurchaseDays({query:async(q,p)=>{const t=performance.now(); const r=(await c.query(q,p)).rows; qs.push((performance.now()-t).toFixed(0)); return r;}}, ids); console.log(n,k,wm,'total',(performance.now()-a).toFixed(0),'per customer us',((performance.now()-a)*1e3/k).toFixed(0),qs.join()); await c.query('rollback'); }
await c.end(); }
process.exit(0);
