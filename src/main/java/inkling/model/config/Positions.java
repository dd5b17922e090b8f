package inkling.model.config;

/** How the model is told a token's position: by a trained vector (GPT-2), rotary positions (Su et al. 2021, arXiv:2104.09864), or not. */
public enum Positions { LEARNED, ROPE, NONE }
