// What published checkpoints of the pose model need beyond equal names: the base model has no third branch.
import type { WeightRules } from '../../training/weights/weightRules';

/** MotionAGFormer's files hold two branches and a fusion of two: the third and the fusion of three start fresh. */
export const poseWeights: WeightRules = {
  startsFresh: (name) => /^layers\.\d+\.(mamba_gcn|fusion)\./.test(name),
};
