package inkling.model.config;

/** LayerNorm (Ba et al. 2016, arXiv:1607.06450) or RMSNorm (Zhang and Sennrich 2019, arXiv:1910.07467), which has no bias. */
public enum Norm { LAYER_NORM, RMS_NORM }
