package inkling.serve.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Why the server does not answer a request as asked. {@link #json} is OpenAI's error object, which clients of its API know:
 * {@code {"error": {"message", "type", "param", "code"}}}.
 */
public final class ApiFault extends RuntimeException {
    private final int status;
    private final String type;
    private final Optional<String> param;
    private final Optional<String> code;

    private ApiFault(int status, String type, Optional<String> param, Optional<String> code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.type = type;
        this.param = param;
        this.code = code;
    }

    /** The request is wrong. @param status 400 to 499 */
    public static ApiFault request(int status, String message) {
        return new ApiFault(status, "invalid_request_error", Optional.empty(), Optional.empty(), message);
    }

    /** 400: one field is missing, or has a value that is not allowed. */
    public static ApiFault field(String param, String message) {
        return new ApiFault(400, "invalid_request_error", Optional.of(param), Optional.empty(), message);
    }

    /** 400: the text fills the model's context, or is longer. Clients recognise this fault by its {@code code}. */
    public static ApiFault tooLong(String param, String message) {
        return new ApiFault(400, "invalid_request_error", Optional.of(param), Optional.of("context_length_exceeded"), message);
    }

    public static ApiFault unauthorized() {
        return new ApiFault(401, "authentication_error", Optional.empty(), Optional.of("invalid_api_key"),
            "This server asks for its API key: Authorization: Bearer KEY, or X-Api-Key: KEY.");
    }

    public static ApiFault forbidden(String message) {
        return new ApiFault(403, "permission_error", Optional.empty(), Optional.empty(), message);
    }

    public static ApiFault noSuchPath(String message) {
        return new ApiFault(404, "not_found_error", Optional.empty(), Optional.empty(), message);
    }

    public static ApiFault noSuchModel(String message) {
        return new ApiFault(404, "not_found_error", Optional.of("model"), Optional.of("model_not_found"), message);
    }

    /** 503: the server cannot answer for a while. Many clients try again by themselves. */
    public static ApiFault unavailable(String message) {
        return new ApiFault(503, "unavailable_error", Optional.empty(), Optional.empty(), message);
    }

    /** 500: a fault of the server. */
    public static ApiFault ours(String message) {
        return new ApiFault(500, "server_error", Optional.empty(), Optional.empty(), message);
    }

    public int status() {
        return status;
    }

    public Map<String, Object> json() {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", getMessage());
        error.put("type", type);
        error.put("param", param.orElse(null));
        error.put("code", code.orElse(null));
        return Map.of("error", error);
    }
}
