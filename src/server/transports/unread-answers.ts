import type { FastifyInstance, FastifyReply } from 'fastify';

/** As long as a request may take to be received. */
const patienceMs = 60_000;

/**
 * Cuts a client off that reads nothing of its answer for so long, since an unread answer stays in memory. To be called when the answer
 * begins: a client that waits for one reads nothing either. After the answer, Node applies a limit of its own.
 */
export const cutOffIfUnread = ({ raw }: FastifyReply): void => void raw.setTimeout(patienceMs);

/** `cutOffIfUnread` for routes that are added after this call. */
export function cutOffUnread(app: FastifyInstance): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    cutOffIfUnread(reply);
    done(null, payload);
  });
}
