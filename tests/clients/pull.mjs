// Pulls from ntm.central.v1.ChangeFeed and prints one JSON line per change, then one of how it ended.
// node pull.mjs <host:port> <token|-> [resume token, base64|-] [count, 0 = no limit] [timeout, s] [kinds,comma|-] [max batch]
// Ends at the count, at the first idle answer (count 0 and NTM_FOLLOW unset), at the timeout or at the server's status.
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const [address, token, resume = '-', count = '0', timeout = '30', kinds = '-', maxBatch = '0'] = process.argv.slice(2);
if (!address || token === undefined) {
  console.error('pull.mjs <host:port> <token|-> [resume|-] [count] [timeout s] [kinds|-] [max batch]');
  process.exit(2);
}

const given = (value) => (value && value !== '-' ? value : '');
const protos = process.env.NTM_PROTOS ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '../../src/Contracts');
const definition = protoLoader.loadSync('ntm/central/v1/change_feed.proto', {
  includeDirs: [protos], keepCase: true, longs: String, defaults: true,
});
const { ntm } = grpc.loadPackageDefinition(definition);
const client = new ntm.central.v1.ChangeFeed(address, grpc.credentials.createInsecure());
const metadata = new grpc.Metadata();
if (given(token)) metadata.set('authorization', `Bearer ${token}`);

const limit = Number(count);
const follow = process.env.NTM_FOLLOW === '1';
let seen = 0;
let idles = 0;
let last = given(resume);
const call = client.pull({
  resume_token: Buffer.from(given(resume), 'base64'),
  kinds: given(kinds) ? kinds.split(',') : [],
  max_batch: Number(maxBatch),
}, metadata);
const stop = (why) => {
  finish({ end: why });
  call.cancel();
};
const timer = setTimeout(() => stop('timeout'), Number(timeout) * 1000);
let finished = false;
function finish(how) {
  if (finished) return;
  finished = true;
  clearTimeout(timer);
  console.log(JSON.stringify({ ...how, seen, idles, resume_token: last }));
  process.exitCode = how.end === 'status' && how.code !== 'OK' ? 1 : 0;
}

call.on('data', (answer) => {
  if (finished) return;
  last = Buffer.from(answer.resume_token).toString('base64');
  for (const change of answer.changes) {
    seen++;
    const seconds = Number(change.recorded_at.seconds) * 1000 + change.recorded_at.nanos / 1e6;
    console.log(JSON.stringify({
      ...change,
      position: Number(change.position),
      version: Number(change.version),
      recorded_at: new Date(seconds).toISOString(),
      content_hash: Buffer.from(change.content_hash).toString('hex'),
      received_at: new Date().toISOString(),
    }));
  }

  if (answer.idle) idles++;
  if (limit > 0 && seen >= limit) stop('count');
  else if (answer.idle && limit === 0 && !follow) stop('idle');
});
// The rich status (google.rpc.Status) as it came.
const richStatus = (error) => error.metadata?.get('grpc-status-details-bin')[0]?.toString('base64');
call.on('error', (error) => finish({ end: 'status', code: grpc.status[error.code], details: error.details, rich_status: richStatus(error) }));
call.on('end', () => finish({ end: 'status', code: 'OK' }));
