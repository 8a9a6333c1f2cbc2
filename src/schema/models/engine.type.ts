import { registerEnumType, Field, ObjectType } from 'type-graphql';
import type { Device } from '../../ml/engine/engine.js';
import { enumOf } from '../enum-of.js';

const DeviceEnum = enumOf(['cpu', 'webgpu', 'cuda']);

registerEnumType(DeviceEnum, { name: 'Device' });

@ObjectType('Engine', { description: 'What executes the model behind the process that answers.' })
export class EngineType {
  @Field({ simple: true, description: '`onnx` or `tensorflow`.' })
  name: string;

  @Field(() => DeviceEnum, { simple: true })
  device: Device;

  @Field({ simple: true, description: 'For people: runtime, version and adapter.' })
  description: string;
}
