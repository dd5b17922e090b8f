package inkling.model.config;

/** How the model learns a token's position: a learned vector (GPT-2), rotary positions (Su et al. 2021, arXiv:2104.09864), or none. */
public enum Positions { LEARNED, ROPE, NONE }
