import { Column, Entity, Index } from 'typeorm';
import { CreatedAt, Identity, Money, Text, UpdatedAt } from './columns.js';

/** Something sold, or a code that only looks like one (postage, fees): `merchandise` tells. */
@Entity('product')
@Index(['source', 'externalId'], { unique: true })
@Index(['category'])
export class Product {
  @Identity()
  id: string;

  @Text({ default: 'default' })
  source: string;

  @Text()
  externalId: string;

  @Text({ default: '' })
  name: string;

  @Text({ nullable: true })
  description: string | null;

  @Text({ nullable: true })
  category: string | null;

  /** What its picture shows, in a short sentence, which the narratives of those who bought it contain. */
  @Text({ nullable: true })
  pictureCaption: string | null;

  @Money({ nullable: true })
  price: string | null;

  /** False for postage, fees, vouchers and adjustments, whose lines count for no feature and no label. */
  @Column({ type: 'boolean', default: true })
  merchandise: boolean;

  @CreatedAt()
  createdAt: Date;

  @UpdatedAt()
  updatedAt: Date;
}
