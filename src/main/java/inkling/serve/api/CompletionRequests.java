package inkling.serve.api;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.serve.api.GenerateRequest.Prompt;
import inkling.serve.batch.Work;
import inkling.serve.http.ApiFault;
import inkling.serve.http.RequestFields;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Reads the body of {@code /v1/completions}: texts that are continued as they are. */
final class CompletionRequests {
    private static final List<String> FIELDS = Stream.of(SamplingFields.SHARED, SamplingFields.WITHOUT_EFFECT,
        List.of("prompt", "max_tokens", "logprobs", "echo", "best_of")).flatMap(List::stream).toList();
    private static final int DEFAULT_TOKENS = 16;
    private static final int MOST_LOGPROBS = 5;
    private static final int MOST_CHOICES = 128;

    /** The most log-probabilities of prompts in one request, since all of them are kept in memory until they are sent. */
    private static final int MOST_SCORED = 100_000;

    private CompletionRequests() {}

    static GenerateRequest read(RequestFields fields, ServedModel model) {
        fields.refuseOthers(FIELDS);
        List<Prompt> prompts = prompts(fields, model);
        boolean echo = fields.flag("echo").orElse(false);
        int asked = (int) fields.whole("max_tokens", 0, SamplingFields.MOST_TOKENS).orElse(DEFAULT_TOKENS);
        if (asked == 0 && !echo) {
            throw fields.fault("max_tokens", "must be at least 1; 0 is possible with echo.");
        }
        int longest = prompts.stream().mapToInt(prompt -> prompt.ids().length).max().orElseThrow();
        int context = model.config().contextLength();
        if (asked == 0 && longest > context) { // without a new token, the prompt may fill the context
            throw ApiFault.tooLong("prompt", "prompt has %,d tokens. The context of this model holds %,d. Shorten it."
                .formatted(longest, context));
        }
        int room = asked == 0 ? 1 : SamplingFields.room("prompt", model, longest, asked);
        OptionalLong logprobs = fields.whole("logprobs", 0, MOST_LOGPROBS);
        Optional<RequestFields> own = SamplingFields.own(fields, List.of("exact", "tokens"));
        Work.Mode mode = SamplingFields.mode(fields, own);
        GenerateRequest request = new GenerateRequest(model, prompts, model.prompts(),
            SamplingFields.options(fields, model, room, List.of()), asked > 0, mode,
            logprobs.isPresent() ? OptionalInt.of((int) logprobs.getAsLong()) : OptionalInt.empty(), SamplingFields.detail(own), echo,
            SamplingFields.streaming(fields));
        int n = request.options().samples();
        if (fields.whole("best_of", 1, 128).orElse(n) != n) {
            throw fields.fault("best_of", "must be the same as n: ask for more samples with n, and choose among them.");
        }
        long scored = logprobs.isPresent() && echo ? prompts.stream().mapToLong(p -> p.ids().length).sum() * (logprobs.getAsLong() + 1) : 0;
        if (scored > MOST_SCORED) {
            throw fields.fault("prompt", "has more tokens than this server scores in one request: send fewer or shorter prompts.");
        }
        if (request.choices() > MOST_CHOICES) {
            throw fields.fault("prompt", "and n make %d answers: at most %d are possible.".formatted(request.choices(), MOST_CHOICES));
        }
        return request;
    }

    /** Reads {@code prompt}: a text, a list of ids, or a list whose elements are texts or lists of ids; {@link #start} if it is missing. */
    private static List<Prompt> prompts(RequestFields fields, ServedModel model) {
        if (!fields.has("prompt")) {
            return List.of(start(fields, model));
        }
        JsonNode value = fields.value("prompt");
        if (value.isTextual() || isIds(value)) {
            return List.of(prompt(fields, model, value));
        }
        if (!value.isArray() || value.isEmpty() || value.size() > MOST_CHOICES) {
            throw fault(fields);
        }
        List<Prompt> prompts = new ArrayList<>();
        value.forEach(one -> prompts.add(prompt(fields, model, one)));
        return prompts;
    }

    private static boolean isIds(JsonNode value) {
        return value.isArray() && !value.isEmpty() && value.get(0).isNumber();
    }

    private static RuntimeException fault(RequestFields fields) {
        return fields.fault("prompt", "must be a text, a list of token ids, or a list of 1 to %d of either.".formatted(MOST_CHOICES));
    }

    private static Prompt prompt(RequestFields fields, ServedModel model, JsonNode value) {
        Tokenizer tokenizer = model.tokenizer();
        if (value.isTextual()) {
            int[] ids = model.prompts().ids(value.textValue());
            return ids.length == 0 ? start(fields, model) : new Prompt(ids, value.textValue());
        }
        if (!isIds(value)) {
            throw fault(fields);
        }
        int[] ids = fields.ids("prompt", value, model.config().vocabSize());
        return new Prompt(ids, tokenizer.decode(IntStream.of(ids).filter(id -> id < tokenizer.vocabSize()).toArray()));
    }

    /** Stands for an empty or missing prompt: the id that begins a text. */
    private static Prompt start(RequestFields fields, ServedModel model) {
        SpecialIds special = model.prompts().special();
        int id = special.start().orElseThrow(() -> fields.fault("prompt",
            "is empty, and this model has no token that begins a text: give at least one character."));
        return new Prompt(new int[] {id}, "");
    }
}
