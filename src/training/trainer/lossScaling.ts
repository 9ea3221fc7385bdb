// How the loss is scaled where gradients are f16.

/** PyTorch's GradScaler, which doubles less often at its default of 65,536. */
export const LOSS_SCALING = { start: 65536, growthInterval: 2000 };
