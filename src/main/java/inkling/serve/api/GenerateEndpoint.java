package inkling.serve.api;

import inkling.errors.InklingException;
import inkling.generate.TokenText;
import inkling.serve.api.GenerateRequest.Detail;
import inkling.serve.api.GenerateRequest.Streaming;
import inkling.serve.batch.QueueFullException;
import inkling.serve.batch.ServerStoppingException;
import inkling.serve.http.ApiFault;
import inkling.serve.http.Endpoint;
import inkling.serve.http.EventStream;
import inkling.serve.http.Exchange;
import inkling.serve.http.RequestFields;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiFunction;

/** Answers {@code /v1/completions} and {@code /v1/chat/completions}, in one document or as a stream. */
public final class GenerateEndpoint implements Endpoint {
    private final ServedModels models;
    private final BiFunction<RequestFields, ServedModel, GenerateRequest> reader;
    private final AnswerForm form;

    private GenerateEndpoint(ServedModels models, BiFunction<RequestFields, ServedModel, GenerateRequest> reader, AnswerForm form) {
        this.models = models;
        this.reader = reader;
        this.form = form;
    }

    /** {@code /v1/completions}. */
    public static GenerateEndpoint text(ServedModels models) {
        return new GenerateEndpoint(models, CompletionRequests::read, AnswerForm.TEXT);
    }

    /** {@code /v1/chat/completions}. */
    public static GenerateEndpoint chat(ServedModels models) {
        return new GenerateEndpoint(models, ChatRequests::read, AnswerForm.CHAT);
    }

    @Override
    public void answer(Exchange exchange) throws IOException {
        RequestFields fields = exchange.fields();
        ServedModel model = models.find(fields.text("model"));
        GenerateRequest request = reader.apply(fields, model);
        Header header = new Header(form.idPrefix() + UUID.randomUUID(), Created.now(), request);
        try (Answering answering = new Answering(request, exchange)) {
            answering.begin();
            if (request.streaming() == Streaming.NONE) {
                answering.run(new Collecting());
                exchange.json(whole(header, answering));
            } else {
                stream(header, answering, exchange);
            }
        } catch (QueueFullException e) {
            throw ApiFault.unavailable("The queue is full: " + e.getMessage() + " Try again in a second.");
        } catch (ServerStoppingException e) {
            throw ApiFault.unavailable(e.getMessage());
        }
    }

    /** The first fields of an answer, and of each chunk of a stream. */
    private record Header(String id, long created, GenerateRequest request) {
        Map<String, Object> json(String object) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("id", id);
            json.put("object", object);
            json.put("created", created);
            json.put("model", request.model().name());
            json.put("system_fingerprint", "inkling");
            return json;
        }
    }

    private Map<String, Object> whole(Header header, Answering answering) {
        Map<String, Object> json = header.json(form.object());
        boolean logprobs = header.request().logprobs().isPresent();
        json.put("choices", answering.choices().stream().map(choice ->
            detailed(form.whole(choice, logprobs), choice.tokens(), header.request())).toList());
        json.put("usage", usage(header.request(), answering));
        Map<String, Object> own = new LinkedHashMap<>(prompts(header.request()));
        own.put("seed", header.request().options().seed());
        json.put("inkling", own);
        return json;
    }

    /** Adds {@code tokens} with their ids to the JSON of a choice, if the request asks for them. */
    private static Map<String, Object> detailed(Map<String, Object> choice, List<ScoredToken> tokens, GenerateRequest request) {
        if (request.detail() == Detail.TOKENS) {
            TokenText text = request.model().model().tokenText();
            choice.put("inkling", Map.of("tokens", tokens.stream().map(token -> token.detail(text)).toList()));
        }
        return choice;
    }

    /** The field {@code prompts} with the tokens that the model reads, if the request asks for it; else no field. */
    private static Map<String, Object> prompts(GenerateRequest request) {
        return request.detail() == Detail.NONE ? Map.of() : Map.of("prompts", request.prompts().stream()
            .map(prompt -> ScoredToken.details(prompt.ids(), request.model().model().tokenText())).toList());
    }

    private static Map<String, Object> usage(GenerateRequest request, Answering answering) {
        int prompt = request.prompts().stream().mapToInt(p -> p.ids().length).sum();
        int completion = answering.choices().stream().mapToInt(Choice::drawn).sum();
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("prompt_tokens", prompt);
        usage.put("completion_tokens", completion);
        usage.put("total_tokens", prompt + completion);
        usage.put("prompt_tokens_details", Map.of("cached_tokens", answering.cached()));
        return usage;
    }

    /** Ignores the results: each {@link Choice} keeps its text until the answer is whole. */
    private static final class Collecting implements Answering.Listener {
        @Override
        public void grew(Choice choice, Choice.Growth growth) {}

        @Override
        public void finished(Choice choice) {}

        @Override
        public void waited(Duration silent) {}

        @Override
        public void waits(int ahead) {}

        @Override
        public void read(Choice choice, int tokens) {}
    }

    /** Sends the answer as a stream. The status is sent before the first event, so a later fault is sent as an event. */
    private void stream(Header header, Answering answering, Exchange exchange) throws IOException {
        EventStream events = exchange.events();
        Chunks chunks = new Chunks(header, events);
        try {
            chunks.tell(prompts(header.request()));
            for (Choice choice : answering.choices()) {
                chunks.begin(choice);
            }
            answering.run(chunks);
            if (header.request().streaming() == Streaming.WITH_USAGE) {
                Map<String, Object> last = header.json(form.chunkObject());
                last.put("choices", List.of());
                last.put("usage", usage(header.request(), answering));
                events.send(last);
            }
            events.done();
        } catch (ServerStoppingException e) {
            events.fail(ApiFault.unavailable(e.getMessage()));
        } catch (InklingException e) {
            events.fail(ApiFault.ours(e.getMessage()));
        } catch (RuntimeException e) {
            events.fail(ApiFault.ours("Something went wrong in this server; its log says what."));
            throw e;
        }
    }

    /** Sends the results as chunks. */
    private final class Chunks implements Answering.Listener {
        private final Header header;
        private final EventStream events;
        private final boolean logprobs;

        Chunks(Header header, EventStream events) {
            this.header = header;
            this.events = events;
            this.logprobs = header.request().logprobs().isPresent();
        }

        void begin(Choice choice) throws IOException {
            if (form.first(choice.index()).isPresent()) {
                send(form.first(choice.index()).get());
            }
            if (!choice.text().isEmpty() || !choice.tokens().isEmpty()) {
                grew(choice, new Choice.Growth(choice.text(), choice.tokens()));
            }
            if (choice.isFinished()) {
                finished(choice);
            }
        }

        @Override
        public void grew(Choice choice, Choice.Growth growth) throws IOException {
            send(detailed(form.more(choice.index(), growth, logprobs), growth.tokens(), header.request()));
        }

        @Override
        public void finished(Choice choice) throws IOException {
            send(form.last(choice.index(), choice.finishReason()));
        }

        @Override
        public void waited(Duration silent) throws IOException {
            events.ping();
        }

        @Override
        public void waits(int ahead) throws IOException {
            tell(Map.of("ahead", ahead));
        }

        @Override
        public void read(Choice choice, int tokens) throws IOException {
            int n = header.request().options().samples();
            tell(Map.of("index", choice.index(), "read", tokens, "of", header.request().prompts().get(choice.index() / n).ids().length));
        }

        /** Sends facts about the answer in a chunk without choices, if the request asked for them with {@code inkling.tokens}. */
        void tell(Map<String, Object> facts) throws IOException {
            if (header.request().detail() == Detail.TOKENS) {
                send(List.of(), Map.of("inkling", facts));
            }
        }

        private void send(Map<String, Object> choice) throws IOException {
            send(List.of(choice), Map.of());
        }

        private void send(List<Map<String, Object>> choices, Map<String, Object> more) throws IOException {
            Map<String, Object> chunk = header.json(form.chunkObject());
            chunk.put("choices", choices);
            chunk.putAll(more);
            if (header.request().streaming() == Streaming.WITH_USAGE) {
                chunk.put("usage", null);
            }
            events.send(chunk);
        }
    }
}
