import type { FastifyInstance, FastifyReply } from 'fastify';

/** As long as a request may take to arrive. */
const patienceMs = 60_000;

/**
 * Cuts a client off that takes nothing of its answer for so long: until it is taken, an answer is in memory. From here on, not
 * before: whoever waits for an answer takes nothing either. Node looks for another limit itself once the answer is taken.
 */
export const cutOffIfUnread = ({ raw }: FastifyReply): void => void raw.setTimeout(patienceMs);

/** Of routes that are added later. */
export function cutOffUnread(app: FastifyInstance): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    cutOffIfUnread(reply);
    done(null, payload);
  });
}
