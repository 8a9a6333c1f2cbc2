import { Entity, Index, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Text, UpdatedAt } from './columns.js';
import { Customer } from './customer.entity.js';

/**
 * What names a person. It is kept apart so that it can be erased and never reaches a feature, a narrative or a model. Its indexes are of
 * expressions, which can be written in their migration only; `personal-data-search.ts` has the same ones.
 */
@Entity('customer_personal_data')
@Index('customer_personal_data_email', { synchronize: false })
@Index('customer_personal_data_phone', { synchronize: false })
@Index('customer_personal_data_name', { synchronize: false })
export class CustomerPersonalData {
  @PrimaryColumn({ type: 'bigint' })
  customerId: string;

  @OneToOne(() => Customer, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'customer_id' })
  customer: Relation<Customer>;

  @Text({ nullable: true })
  name: string | null;

  @Text({ nullable: true })
  email: string | null;

  @Text({ nullable: true })
  phone: string | null;

  @UpdatedAt()
  updatedAt: Date;
}
