package inkling.serve.api;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.ConfigException;
import inkling.generate.LogitBias;
import inkling.generate.OutputPenalty;
import inkling.generate.SamplingField;
import inkling.generate.SamplingOptions;
import inkling.serve.api.GenerateRequest.Detail;
import inkling.serve.api.GenerateRequest.Streaming;
import inkling.serve.batch.Work;
import inkling.serve.http.ApiFault;
import inkling.serve.http.RequestFields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The fields that requests for text share: how to draw, when to stop, in which form to answer. */
public final class SamplingFields {
    private static final String REPEAT_PENALTY = "repeat_penalty"; // llama.cpp's name of repetition_penalty

    /** The fields that shape the distribution of every new token, even of the first one after the prompt. */
    public static final List<String> SHAPING = together(Arrays.stream(SamplingField.values()).map(SamplingField::key).toList(),
        List.of(REPEAT_PENALTY, "logit_bias"));

    /** The fields that say how one sample is drawn and where it ends, except {@code max_tokens}. */
    public static final List<String> DRAWING = together(SHAPING,
        List.of("frequency_penalty", "presence_penalty", "stop", "seed", "ignore_eos"));

    /** The fields that have the same meaning in {@code /v1/completions} and {@code /v1/chat/completions}. */
    static final List<String> SHARED = together(DRAWING, List.of("model", "n", "stream", "stream_options", "cache_prompt", "inkling"));

    /** Fields that are accepted and have no effect here: they matter only to OpenAI's own service, or to tools. */
    static final List<String> WITHOUT_EFFECT = List.of("user", "store", "metadata", "parallel_tool_calls", "service_tier",
        "safety_identifier", "prompt_cache_key");

    static final int MOST_TOKENS = 1_000_000_000;
    private static final int MOST_STOPS = 4;
    private static final int LONGEST_STOP = 1_000;
    private static final int MOST_BIASES = 1_024;
    private static final double MOST_TEMPERATURE = 2; // OpenAI's bound

    private SamplingFields() {}

    private static List<String> together(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }

    /**
     * Reads how samples are drawn and when they end.
     *
     * @param maxTokens at least 1
     * @param stops texts that end the answer, in addition to those of the request
     */
    public static SamplingOptions options(RequestFields fields, ServedModel model, int maxTokens, List<String> stops) {
        int slots = model.batcher().options().slots();
        int n = (int) fields.whole("n", 1, 128).orElse(1);
        if (n > slots) {
            throw fields.fault("n", "= %d is more than the %d samples that this server makes at a time (--slots).".formatted(n, slots));
        }
        List<String> all = new ArrayList<>(stop(fields));
        all.addAll(stops);
        SamplingOptions shaping = SamplingOptions.DEFAULT;
        for (SamplingField field : SamplingField.values()) {
            shaping = field.with(shaping, value(fields, field));
        }
        return shaping.with(o -> o.maxTokens(maxTokens)
            .outputPenalty(new OutputPenalty(fields.number("frequency_penalty", -2, 2).orElse(0),
                fields.number("presence_penalty", -2, 2).orElse(0)))
            .logitBias(bias(fields, model))
            .stop(all)
            .ignoreEos(fields.flag("ignore_eos").orElse(false))
            .samples(n)
            .seed(fields.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE).orElseGet(SamplingOptions::freshSeed)));
    }

    /** The request's value; if it has none, the neutral value, which leaves the model's own distribution as it is. */
    private static double value(RequestFields fields, SamplingField field) {
        String name = field.key();
        if (field == SamplingField.REPETITION_PENALTY && fields.has(REPEAT_PENALTY)) {
            if (fields.has(name)) {
                throw fields.fault(REPEAT_PENALTY, "is another name for repetition_penalty: give one of them.");
            }
            name = REPEAT_PENALTY;
        }
        double most = field == SamplingField.TEMPERATURE ? MOST_TEMPERATURE : field.most();
        if (field.isWhole()) {
            return fields.whole(name, (long) field.least(), (long) most).orElse((long) field.neutral());
        }
        double value = fields.number(name, field.least(), most).orElse(field.neutral());
        if (!field.allows(value)) {
            throw fields.fault(name, "must be %s.".formatted(field.rule()));
        }
        return value;
    }

    private static List<String> stop(RequestFields fields) {
        if (!fields.has("stop")) {
            return List.of();
        }
        JsonNode value = fields.value("stop");
        List<String> stops = new ArrayList<>();
        for (JsonNode one : value.isArray() ? value : List.of(value)) {
            stops.add(one.isTextual() ? one.textValue() : "");
        }
        if (stops.size() > MOST_STOPS || stops.stream().anyMatch(s -> s.isEmpty() || s.length() > LONGEST_STOP)) {
            throw fields.fault("stop", "must be a text of 1 to %,d characters, or at most %d of them.".formatted(LONGEST_STOP, MOST_STOPS));
        }
        return stops;
    }

    private static LogitBias bias(RequestFields fields, ServedModel model) {
        Optional<RequestFields> object = fields.object("logit_bias");
        if (object.isEmpty()) {
            return LogitBias.NONE;
        }
        List<Map.Entry<String, JsonNode>> entries = object.get().entries();
        if (entries.size() > MOST_BIASES) {
            throw fields.fault("logit_bias", "has %,d tokens: at most %,d are possible.".formatted(entries.size(), MOST_BIASES));
        }
        Map<Integer, Double> bias = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : entries) {
            if (!entry.getKey().matches("\\d{1,9}") || Integer.parseInt(entry.getKey()) >= model.config().vocabSize()) {
                throw fields.fault("logit_bias", "names tokens by their ids, from 0 to %d.".formatted(model.config().vocabSize() - 1));
            }
            bias.put(Integer.parseInt(entry.getKey()), object.get().number(entry.getKey(), -100, 100).orElse(0));
        }
        try {
            return new LogitBias(bias);
        } catch (ConfigException e) {
            throw ApiFault.field("logit_bias", e.getMessage());
        }
    }

    /** The object {@code inkling}, with fields that OpenAI's API lacks. @param known its fields in this kind of request */
    static Optional<RequestFields> own(RequestFields fields, List<String> known) {
        Optional<RequestFields> own = fields.object("inkling");
        own.ifPresent(object -> object.refuseOthers(known));
        return own;
    }

    static Detail detail(Optional<RequestFields> own) {
        return own.flatMap(object -> object.flag("tokens")).orElse(false) ? Detail.TOKENS : Detail.NONE;
    }

    static Work.Mode mode(RequestFields fields, Optional<RequestFields> own) {
        if (own.flatMap(object -> object.flag("exact")).orElse(false)) {
            if (fields.whole("n", 1, 128).orElse(1) > 1) {
                throw fields.fault("inkling.exact", "gives one sample at a time: leave n out, or ask again with another seed.");
            }
            return Work.Mode.EXACT;
        }
        return fields.flag("cache_prompt").orElse(true) ? Work.Mode.SHARED : Work.Mode.APART;
    }

    static Streaming streaming(RequestFields fields) {
        boolean stream = fields.flag("stream").orElse(false);
        Optional<RequestFields> options = fields.object("stream_options");
        if (options.isEmpty()) {
            return stream ? Streaming.PLAIN : Streaming.NONE;
        }
        if (!stream) {
            throw fields.fault("stream_options", "is for streams: set stream to true, or leave it out.");
        }
        options.get().refuseOthers(List.of("include_usage", "include_obfuscation"));
        options.get().flag("include_obfuscation");
        return options.get().flag("include_usage").orElse(false) ? Streaming.WITH_USAGE : Streaming.PLAIN;
    }

    /**
     * How many tokens a sample may have: {@code asked}, but no more than the context has left after the prompt.
     *
     * @throws ApiFault if the prompt leaves no room
     */
    public static int room(String field, ServedModel model, int promptTokens, int asked) {
        int context = model.config().contextLength();
        if (promptTokens >= context) {
            throw ApiFault.tooLong(field, ("%s has %,d tokens. The context of this model holds %,d, the answer included, so no room is"
                + " left. Shorten it.").formatted(field, promptTokens, context));
        }
        return Math.min(asked, context - promptTokens);
    }
}
