package inkling.train;

import inkling.config.Key;
import inkling.errors.Problems;
import inkling.generate.SamplingOptions;

/** Samples that the model writes during the training: {@code train.sample} of the run file. */
public record SampleConfig(
    @Key(doc = "updates between two samples", def = "500") int interval,
    @Key(doc = "the text that the sample continues", def = "\"\\n\"") String prompt,
    @Key(doc = "the most tokens of a sample", def = "200") int maxTokens) {

    public SampleConfig {
        new Problems()
            .check(interval > 0, "interval", "interval = %d must be positive; sample: null turns samples off.", interval)
            .check(maxTokens > 0 && maxTokens <= SamplingOptions.MOST_TOKENS, "max_tokens",
                "max_tokens = %d must be from 1 to 1,000,000; sample: null turns samples off.", maxTokens)
            .throwIfAny();
    }
}
