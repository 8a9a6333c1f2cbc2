import type { Random } from '../../random.js';
import { Weighted } from './weighted.js';

const givenNames =
  'Ada Amir Anna Ben Bo Carla Chen Dana David Elif Emma Farid Finn Grace Hana Hugo Ines Ivan Jade Jonas Kaya Lars Lena Leo Lucia Maya Milan Mina Nadia Noah Nora Olga Omar Paula Priya Rafael Rosa Sam Sofia Tariq Theo Uma Vera Wei Yara Zoe'.split(
    ' ',
  );
const familyNames =
  'Example Sample Specimen Demo Placeholder Testwell Mockford Fabrico Trialson Pretend Sketchley Draftman Modelle Patternson Standin Dummett'.split(
    ' ',
  );

export interface Country {
  readonly name: string;
  /** Order values as a multiple of the average country's. */
  readonly spend: number;
  /** How likely a parcel is late, as a multiple of the shop's own country's. */
  readonly lateness: number;
}

const countries = new Weighted<Country>(
  [
    { name: 'United Kingdom', spend: 1, lateness: 1 },
    { name: 'Germany', spend: 1.1, lateness: 1.2 },
    { name: 'France', spend: 1.05, lateness: 1.3 },
    { name: 'United States', spend: 1.25, lateness: 1.6 },
    { name: 'Netherlands', spend: 1.1, lateness: 1.2 },
    { name: 'Ireland', spend: 1, lateness: 1.1 },
    { name: 'Spain', spend: 0.9, lateness: 1.5 },
    { name: 'Sweden', spend: 1.2, lateness: 1.3 },
    { name: 'Australia', spend: 1.15, lateness: 2 },
    { name: 'Japan', spend: 1.2, lateness: 1.8 },
  ],
  [52, 12, 9, 7, 5, 5, 4, 3, 2, 1],
);

export function drawCountry(random: Random): Country {
  return countries.pick(random);
}

/** A person who does not exist: family names are made up, and addresses lie under the domain reserved for examples (RFC 2606). */
export function drawPerson(random: Random, number: number): { name: string; email: string } {
  const given = random.pick(givenNames);
  const family = random.pick(familyNames);
  return { name: `${given} ${family}`, email: `${given}.${family}.${number}@example.com`.toLowerCase() };
}
