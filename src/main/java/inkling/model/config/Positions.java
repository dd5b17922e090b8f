package inkling.model.config;

/** How a token's place enters: a learned vector (GPT-2), rotary (Su et al. 2021, arXiv:2104.09864), or not at all. */
public enum Positions { LEARNED, ROPE, NONE }
