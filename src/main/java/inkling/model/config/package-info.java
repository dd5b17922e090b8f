/**
 * The description of an architecture: values alone, no arrays.
 * Start with {@link inkling.model.config.GptConfig}; {@link inkling.model.config.GptOptions} is its form in files.
 * This package must not know how a model computes.
 */
package inkling.model.config;
