package inkling.formats.keys;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The known keys of a JSON object that other programs write. Any other key may change what the model computes, so it is refused by name.
 * Such a key is accepted only with a value that turns it off: null, false, or an empty list or object.
 *
 * @param read keys whose values the reader of the object uses or checks
 * @param harmless keys that change nothing here, with any value
 */
public record KnownKeys(Set<String> read, Set<String> harmless) {
    /** Harmless keys of every config.json: where the model comes from, how it is run, trained or sampled, and for which tasks. */
    private static final Set<String> OF_TRANSFORMERS = Set.of("_name_or_path", "_commit_hash", "architectures", "transformers_version",
        "torch_dtype", "dtype", "use_cache", "initializer_range", "gradient_checkpointing", "use_bfloat16", "torchscript", "is_decoder",
        "_attn_implementation_autoset", "_attn_implementation", "attn_implementation", "_flash_attn_2_enabled", "output_attentions",
        "output_hidden_states", "output_past", "return_dict", "use_return_dict", "chunk_size_feed_forward", "keys_to_ignore_at_inference",
        "tokenizer_class", "prefix", "finetuning_task", "task_specific_params", "problem_type", "id2label", "label2id", "num_labels",
        "_num_labels", "unk_token_id", "sep_token_id", "cls_token_id", "mask_token_id", "decoder_start_token_id", "forced_bos_token_id",
        "forced_eos_token_id", "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups",
        "diversity_penalty", "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size",
        "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "output_scores", "return_dict_in_generate",
        "remove_invalid_values", "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens", "neftune_noise_alpha",
        "transformers.js_config", "unsloth_fixed", "unsloth_version");
    /** Keys that are read for every family. */
    private static final Set<String> EVERYWHERE = Set.of("model_type", "vocab_size", "tie_word_embeddings", "bos_token_id", "eos_token_id",
        "pad_token_id");

    /** The keys of a config.json: those of every family, and those that one family adds. */
    public static KnownKeys ofConfig(Set<String> read, Set<String> harmless) {
        return new KnownKeys(both(EVERYWHERE, read), both(OF_TRANSFORMERS, harmless));
    }

    private static Set<String> both(Set<String> some, Set<String> others) {
        return Stream.concat(some.stream(), others.stream()).collect(Collectors.toUnmodifiableSet());
    }

    /** @throws ModelFormatException if {@code fields} has keys that are neither known nor turned off; names each with its value */
    public void check(JsonFields fields) {
        List<String> unknown = fields.names().stream()
            .filter(name -> !read.contains(name) && !harmless.contains(name) && !off(fields.node().get(name))).map(fields::said).toList();
        if (!unknown.isEmpty()) {
            throw new ModelFormatException(("%s: %s is not supported: it may change what the model computes. Take a model without it, or"
                + " delete the key if you know that it changes nothing.").formatted(fields.source(), String.join(", ", unknown)));
        }
    }

    private static boolean off(JsonNode value) {
        return value.isNull() || value.isBoolean() && !value.booleanValue() || value.isContainerNode() && value.isEmpty();
    }
}
