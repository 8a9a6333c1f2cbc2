import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { RetrainConditionsInput } from '../../schema/runs/schedule.input.js';
import { RetrainScheduleType } from '../../schema/runs/schedule.type.js';
import type { RetrainSchedule } from '../../services/retraining/schedules.service.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';

@Resolver()
export class SchedulesResolver {
  @Allow('ADMIN')
  @Query(() => RetrainScheduleType, {
    nullable: true,
    description: 'When the model is retrained automatically; null for never.',
  })
  retrainSchedule(@Ctx() { services }: RequestContext): Promise<RetrainSchedule | null> {
    return services.schedules.retrainSchedule();
  }

  @Allow('ADMIN')
  @Mutation(() => RetrainScheduleType, {
    description:
      'Retrains on a schedule from now on, in place of any earlier schedule. Each of its runs also scores all customers, ' +
      'with the active model if no new one is promoted, so that lists stay up to date, too.',
  })
  scheduleRetrain(
    @Arg('cron', () => String, { description: 'Five fields, e.g. `0 3 * * 1` for Mondays at 03:00.' }) cron: string,
    @Arg('timezone', () => String, {
      defaultValue: 'UTC',
      description: 'IANA name, e.g. `Europe/Berlin`. No time may be one that daylight saving skips.',
    })
    timezone: string,
    @Arg('onlyIf', () => RetrainConditionsInput, {
      nullable: true,
      description: 'When it comes due, retrain only if one of these holds. Default: always.',
    })
    onlyIf: RetrainConditionsInput | null,
    @Ctx() { services }: RequestContext,
  ): Promise<RetrainSchedule> {
    return services.schedules.scheduleRetrain(cron, timezone, onlyIf);
  }

  @Allow('ADMIN')
  @Mutation(() => Boolean, { description: 'Ends the schedule. Answers whether there was one.' })
  unscheduleRetrain(@Ctx() { services }: RequestContext): Promise<boolean> {
    return services.schedules.unscheduleRetrain();
  }
}
