package inkling.serve.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The JSON of an answer and its choices (the texts in it), for {@code /v1/completions} or for {@code /v1/chat/completions}. */
interface AnswerForm {
    /** The beginning of every answer's id. */
    String idPrefix();

    /** The field {@code object} of a whole answer. */
    String object();

    /** The field {@code object} of a chunk of a stream. */
    String chunkObject();

    /** A choice in a whole answer. */
    Map<String, Object> whole(Choice choice, boolean logprobs);

    /** What a stream sends for a choice before the choice's first text; empty if it sends nothing. */
    Optional<Map<String, Object>> first(int index);

    /** What a stream sends for more text of a choice. */
    Map<String, Object> more(int index, Choice.Growth growth, boolean logprobs);

    /** What a stream sends at the end of a choice. */
    Map<String, Object> last(int index, String finishReason);

    /** The form of {@code /v1/completions}: a choice has a {@code text}. */
    AnswerForm TEXT = new AnswerForm() {
        @Override
        public String idPrefix() {
            return "cmpl-";
        }

        @Override
        public String object() {
            return "text_completion";
        }

        @Override
        public String chunkObject() {
            return object();
        }

        @Override
        public Map<String, Object> whole(Choice choice, boolean logprobs) {
            return choice(choice.index(), choice.text(), logprobs ? logprobs(choice.tokens()) : null, choice.finishReason());
        }

        @Override
        public Optional<Map<String, Object>> first(int index) {
            return Optional.empty();
        }

        @Override
        public Map<String, Object> more(int index, Choice.Growth growth, boolean logprobs) {
            return choice(index, growth.text(), logprobs ? logprobs(growth.tokens()) : null, null);
        }

        @Override
        public Map<String, Object> last(int index, String finishReason) {
            return choice(index, "", null, finishReason);
        }

        private Map<String, Object> choice(int index, String text, Object logprobs, String finishReason) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("text", text);
            json.put("index", index);
            json.put("logprobs", logprobs);
            json.put("finish_reason", finishReason);
            return json;
        }

        private Map<String, Object> logprobs(List<ScoredToken> tokens) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("tokens", tokens.stream().map(token -> token.piece().text()).toList());
            json.put("token_logprobs", tokens.stream().map(token -> token.logprob().orElse(null)).toList());
            json.put("top_logprobs", tokens.stream().map(token -> token.logprob().isPresent() ? top(token) : null).toList());
            json.put("text_offset", tokens.stream().map(ScoredToken::offset).toList());
            return json;
        }

        /** The likeliest tokens, and {@code token} itself if it is not one of them. */
        private Map<String, Object> top(ScoredToken token) {
            Map<String, Object> json = new LinkedHashMap<>();
            token.top().forEach(other -> json.putIfAbsent(other.piece().text(), other.logprob()));
            json.putIfAbsent(token.piece().text(), token.logprob().orElseThrow());
            return json;
        }
    };

    /** The form of {@code /v1/chat/completions}: a choice has a {@code message}, or in a stream a {@code delta}. */
    AnswerForm CHAT = new AnswerForm() {
        @Override
        public String idPrefix() {
            return "chatcmpl-";
        }

        @Override
        public String object() {
            return "chat.completion";
        }

        @Override
        public String chunkObject() {
            return "chat.completion.chunk";
        }

        @Override
        public Map<String, Object> whole(Choice choice, boolean logprobs) {
            Map<String, Object> message = message(choice.text());
            message.put("annotations", List.of());
            return choice(choice.index(), "message", message, logprobs ? logprobs(choice.tokens()) : null, choice.finishReason());
        }

        private Map<String, Object> message(String content) {
            Map<String, Object> message = new LinkedHashMap<>();
            message.put("role", "assistant");
            message.put("content", content);
            message.put("refusal", null);
            return message;
        }

        @Override
        public Optional<Map<String, Object>> first(int index) {
            return Optional.of(choice(index, "delta", message(""), null, null));
        }

        @Override
        public Map<String, Object> more(int index, Choice.Growth growth, boolean logprobs) {
            return choice(index, "delta", Map.of("content", growth.text()), logprobs ? logprobs(growth.tokens()) : null, null);
        }

        @Override
        public Map<String, Object> last(int index, String finishReason) {
            return choice(index, "delta", Map.of(), null, finishReason);
        }

        private Map<String, Object> choice(int index, String what, Object message, Object logprobs, String finishReason) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("index", index);
            json.put(what, message);
            json.put("logprobs", logprobs);
            json.put("finish_reason", finishReason);
            return json;
        }

        private Map<String, Object> logprobs(List<ScoredToken> tokens) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("content", tokens.stream().map(token -> {
                Map<String, Object> one = scored(token.piece(), token.logprob().orElseThrow());
                one.put("top_logprobs", token.top().stream().map(other -> scored(other.piece(), other.logprob())).toList());
                return one;
            }).toList());
            json.put("refusal", null);
            return json;
        }

        private Map<String, Object> scored(ScoredToken.Piece piece, double logprob) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("token", piece.text());
            json.put("logprob", logprob);
            int[] bytes = new int[piece.bytes().length];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = piece.bytes()[i] & 0xFF;
            }
            json.put("bytes", bytes);
            return json;
        }
    };
}
