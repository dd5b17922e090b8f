package inkling.serve.status;

import inkling.perf.ProcessMemory;
import inkling.serve.api.ServedModel;
import inkling.serve.api.ServedModels;
import inkling.serve.batch.BatchFigures;
import inkling.serve.batch.Histogram;
import inkling.serve.http.Exchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;

/** {@code /metrics}: figures of each model and of the server in Prometheus's text form (version 0.0.4). */
public final class Metrics {
    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final ServedModels models;
    private final IntSupplier connections;

    /** @param connections gives the number of open connections */
    public Metrics(ServedModels models, IntSupplier connections) {
        this.models = models;
        this.connections = connections;
    }

    public void answer(Exchange exchange) throws IOException {
        exchange.bytes(200, TYPE, text().getBytes(StandardCharsets.UTF_8));
    }

    private String text() {
        StringBuilder out = new StringBuilder();
        counter(out, "prompt_tokens_total", "Tokens of prompts.", model -> model.batcher().figures().promptTokens());
        counter(out, "prompt_tokens_cached_total", "Tokens of prompts that were not read again, because an earlier prompt had them.",
            model -> model.batcher().figures().cachedTokens());
        counter(out, "generated_tokens_total", "Tokens that were drawn.", model -> model.batcher().figures().drawnTokens());
        counter(out, "prompts_finished_total", "Prompts whose samples came to their end.", model -> model.batcher().figures().finished());
        counter(out, "prompts_cancelled_total", "Prompts that failed, or whose client left.",
            model -> model.batcher().figures().cancelled());
        counter(out, "requests_refused_total", "How often a prompt or a task found its queue full.",
            model -> model.batcher().figures().refused());
        gauge(out, "slots", "Samples that can be generated side by side.", model -> model.batcher().options().slots());
        gauge(out, "slots_busy", "Samples of the prompts under way.", model -> model.batcher().figures().running());
        gauge(out, "requests_waiting", "Prompts that wait in a queue.", model -> model.batcher().waiting());
        gauge(out, "cache_bytes", "Bytes of keys and values that are in use or kept.", model -> model.batcher().figures().cacheBytes());
        histogram(out, "first_token_seconds", "Seconds from a prompt's arrival in the queue to its first token.", BatchFigures::firstToken);
        histogram(out, "step_seconds", "Seconds of a round, which reads a part of a prompt, gives running samples a token each, or both.",
            BatchFigures::step);
        head(out, "connections", "gauge", "Connections that are open.");
        out.append("inkling_connections ").append(connections.getAsInt()).append('\n');
        ProcessMemory.resident().ifPresent(bytes -> {
            head(out, "resident_bytes", "gauge", "Memory of the process.");
            out.append("inkling_resident_bytes ").append(bytes).append('\n');
        });
        return out.toString();
    }

    private void counter(StringBuilder out, String name, String help, ToDoubleFunction<ServedModel> value) {
        values(out, name, "counter", help, value);
    }

    private void gauge(StringBuilder out, String name, String help, ToDoubleFunction<ServedModel> value) {
        values(out, name, "gauge", help, value);
    }

    private void values(StringBuilder out, String name, String type, String help, ToDoubleFunction<ServedModel> value) {
        head(out, name, type, help);
        models.all().forEach(model -> out.append(String.format(Locale.ROOT, "inkling_%s{model=\"%s\"} %.0f\n", name, model.name(),
            value.applyAsDouble(model))));
    }

    private static void head(StringBuilder out, String name, String type, String help) {
        out.append(String.format(Locale.ROOT, "# HELP inkling_%s %s\n# TYPE inkling_%s %s\n", name, help, name, type));
    }

    /** Chooses one of the histograms of a model. */
    private interface Chosen {
        Histogram of(BatchFigures figures);
    }

    private void histogram(StringBuilder out, String name, String help, Chosen chosen) {
        head(out, name, "histogram", help);
        for (ServedModel model : models.all()) {
            Histogram values = chosen.of(model.batcher().figures());
            for (int bucket = 0; bucket < values.buckets(); bucket++) {
                double bound = values.bound(bucket);
                out.append(String.format(Locale.ROOT, "inkling_%s_bucket{model=\"%s\",le=\"%s\"} %d\n", name, model.name(),
                    Double.isInfinite(bound) ? "+Inf" : Double.toString(bound), values.upTo(bucket)));
            }
            out.append(String.format(Locale.ROOT, "inkling_%s_sum{model=\"%s\"} %s\n", name, model.name(), values.sum()));
            out.append(String.format(Locale.ROOT, "inkling_%s_count{model=\"%s\"} %d\n", name, model.name(),
                values.upTo(values.buckets() - 1)));
        }
    }
}
