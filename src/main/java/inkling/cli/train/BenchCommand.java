package inkling.cli.train;

import inkling.cli.option.IgnoredOptions;
import inkling.cli.option.PrecisionOption;
import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import inkling.engine.ComputeContext;
import inkling.engine.Precision.Storage;
import inkling.errors.ConfigException;
import inkling.errors.Printable;
import inkling.generate.batch.Sequences;
import inkling.model.config.GptConfig;
import inkling.perf.BatchSpeed;
import inkling.perf.DecodeSpeed;
import inkling.perf.MatmulPeak;
import inkling.perf.MemoryBandwidth;
import inkling.perf.PrecisionSpeed;
import inkling.perf.StepBench;
import inkling.perf.product.ProductBench;
import inkling.run.RunArchitecture;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bench [CONFIG]}. */
@Command(name = "bench", description = "Measure this machine, and the time and memory of a training step.",
    footer = {"", "Examples:", "  inkling bench", "  inkling bench configs/dickens.yaml --steps 50",
        "  inkling bench configs/dickens.yaml --products", "  inkling bench configs/gpt2-124m.yaml --decode",
        "  inkling bench configs/dickens.yaml --decode --batch 8"})
public final class BenchCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "CONFIG.yaml", description = "a run file; bench measures its model and batch")
    Path config;

    @Option(names = "--set", paramLabel = "a.b=v", description = "override a key of the run file; may be repeated")
    List<String> overrides = new ArrayList<>();

    @Option(names = "--vocab-size", paramLabel = "N",
        description = "vocabulary size, for run files whose tokenizer is not fitted to a text yet")
    Integer vocabSize;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "30", description = "how many steps to measure; with --products,"
        + " how often to time each product; default ${DEFAULT-VALUE}")
    int steps;

    @Option(names = "--roofline", description = "also time a step's matrix products alone, in float32: no step in"
        + " float32 can take much less time than they take")
    boolean roofline;

    @Option(names = "--decode", description = "measure generation, one token at a time, instead of training steps")
    boolean decode;

    @Option(names = "--products", description = "instead of whole steps, measure each product of a step with a weight"
        + " matrix: computed by MKL, by oneDNN, and in bfloat16")
    boolean products;

    @Option(names = "--batch", paramLabel = "N",
        description = "with --decode: also measure the generation of N texts of different lengths at once; N is from 1 to 16")
    Integer batch;

    @Option(names = "--precision", paramLabel = "bf16|int8",
        description = "with --decode: also measure a token with weights of 2 bytes (bf16) or 1 byte (int8), alternating"
            + " with float32")
    String precision;

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    @Spec CommandSpec spec;

    private final Map<String, Object> document = new LinkedHashMap<>();

    @Override
    public Integer call() {
        Storage storage = checkedOptions();
        CommandEnvironment.tellMissingSettings();
        Optional<RunConfig> run = Optional.ofNullable(config).map(file -> ConfigFile.read(file, overrides));
        ComputeContext context = run.map(RunConfig::context).orElseGet(() -> ComputeContext.of("auto"));
        if (products) {
            tell(products(run.orElseThrow(), context));
        } else {
            measure(run, storage, context);
        }
        return 0;
    }

    /**
     * Refuses options that would be ignored, and values out of bounds. Returns the form of the weights that {@code --precision} names;
     * float32 without it.
     */
    private Storage checkedOptions() {
        IgnoredOptions.refuse(spec, config == null, "Without CONFIG.yaml, bench measures the machine alone: name a run file",
            "--set", "--vocab-size", "--steps", "--roofline", "--decode", "--products");
        IgnoredOptions.refuse(spec, !decode, "Without --decode, bench measures training, in the precision of the run file: add --decode",
            "--batch", "--precision");
        IgnoredOptions.refuse(spec, decode, "With --decode, bench measures generation alone: leave out --decode",
            "--steps", "--roofline", "--products");
        IgnoredOptions.refuse(spec, products, "With --products, bench measures single matrix products alone: leave out --products",
            "--roofline");
        if (steps < 1) {
            throw new ConfigException("--steps %d: bench measures at least 1.".formatted(steps));
        }
        if (batch != null && (batch < 1 || batch > Sequences.MOST_ROWS)) {
            throw new ConfigException("--batch %d: N is from 1 to %d.".formatted(batch, Sequences.MOST_ROWS));
        }
        Storage storage = precision == null ? Storage.FLOAT32 : PrecisionOption.parse(precision);
        if (precision != null && storage == Storage.FLOAT32) {
            throw new ConfigException("--precision float32: --decode measures float32 anyway. Name bf16 or int8 to compare with it.");
        }
        return storage;
    }

    /** Measures the machine and, with a run file, its training steps or its generation, and prints the figures. */
    private void measure(Optional<RunConfig> run, Storage storage, ComputeContext context) {
        double before = MatmulPeak.flops(context);
        Optional<DecodeSpeed> decodeSpeed = run.filter(r -> decode).map(r -> DecodeSpeed.measure(model(r), r, context));
        Optional<BatchSpeed> batchSpeed = run.filter(r -> batch != null)
            .map(r -> BatchSpeed.measure(model(r), r.seed(), batch, context));
        Optional<PrecisionSpeed> precisionSpeed = run.filter(r -> storage != Storage.FLOAT32)
            .map(r -> PrecisionSpeed.measure(model(r), r.seed(), storage, context));
        Optional<StepBench.Parts> parts = run.filter(r -> !decode).map(r -> parts(r, context));
        // measured after the training steps, because the 256 MiB that are read for the bandwidth would count in the steps' peak memory
        double bandwidth = decodeSpeed.map(DecodeSpeed::bytesPerSecond).orElseGet(() -> MemoryBandwidth.bytesPerSecond(context));
        double peak = Math.max(before, MatmulPeak.flops(context));
        put("matmul_peak_gflops", peak / 1e9,
            "GFLOP/s  %s matmul peak, %s".formatted(context.precision().word(), Printable.counted(context.threads(), "thread")));
        put("linear_peak_gflops", MatmulPeak.linearFlops(context) / 1e9, "GFLOP/s  matmul peak of the library that computes linear layers");
        put("memory_bandwidth_gb", bandwidth / 1e9, "GB/s     memory bandwidth, reading");
        decodeSpeed.ifPresent(this::tell);
        batchSpeed.ifPresent(this::tell);
        precisionSpeed.ifPresent(this::tell);
        parts.ifPresent(measured -> tell(measured, peak, context.precision().word()));
        if (json) {
            Json.print(document);
        }
    }

    private GptConfig model(RunConfig run) {
        return RunArchitecture.of(run, CommandEnvironment.RUNS, vocabSize == null ? OptionalInt.empty() : OptionalInt.of(vocabSize));
    }

    private List<ProductBench.Speed> products(RunConfig run, ComputeContext context) {
        GptConfig model = model(run);
        int columns = run.train().contextLength().orElse(model.contextLength());
        return ProductBench.measure(model, run.train().batchSize(), columns, steps, context);
    }

    private void tell(List<ProductBench.Speed> speeds) {
        if (json) {
            Json.print(Map.of("products",
                speeds.stream().map(speed -> Map.of("product", speed.kind(), "rows", speed.rows(), "in", speed.in(),
                "out", speed.out(), "mkl_gflops", speed.mkl(), "onednn_gflops", speed.onednn(), "bf16_gflops", speed.bf16(),
                "chosen", speed.chosen())).toList()));
            return;
        }
        Console.out().println("GFLOP/s                rows      in     out     MKL  oneDNN  chosen    bf16");
        speeds.forEach(speed -> Console.out().println(String.format(Locale.ROOT, "%-20s %6d %7d %7d %7.0f %7.0f  %-6s %7.0f", speed.kind(),
            speed.rows(), speed.in(), speed.out(), speed.mkl(), speed.onednn(), speed.chosen().equals("mkl") ? "MKL" : "oneDNN",
            speed.bf16())));
    }

    private StepBench.Parts parts(RunConfig run, ComputeContext context) {
        StepBench.Parts parts = StepBench.measure(model(run), run, context, steps);
        if (roofline) {
            double millis = StepBench.rooflineMillis(model(run), run, context);
            put("roofline_ms", millis, "ms       a step's matrix products alone, in float32");
            put("roofline_percent", 100 * millis / (parts.forward() + parts.backward()),
                "%        of the time of forward + backward: the time of these products alone");
        }
        return parts;
    }

    private void tell(DecodeSpeed speed) {
        put("decode_past", speed.past(), "         tokens before the one that is timed");
        put("decode_ms", speed.cachedMillis(), "ms       a token, through the key/value cache");
        put("decode_tokens_per_second", 1e3 / speed.cachedMillis(), "tokens/s");
        put("bandwidth_percent", 100 * speed.bandwidthShare(), "%        of the memory bandwidth, if each token reads every weight once");
        put("recompute_ms", speed.recomputedMillis(), "ms       a token without the cache: the whole text computed again");
        put("cache_speedup", speed.recomputedMillis() / speed.cachedMillis(), "times    as fast with the cache as without");
    }

    private void tell(BatchSpeed speed) {
        put("batch_rows", speed.rows(), "         texts in a pass, of different lengths up to %d tokens".formatted(speed.longest()));
        put("batch_one_ms", speed.oneMillis(), "ms       a token of one text alone");
        put("batch_ms", speed.rowsMillis(), "ms       a pass that gives each text a token (timed in turn with the one text alone)");
        put("batch_tokens_per_second", speed.rows() * 1e3 / speed.rowsMillis(), "tokens/s of all texts together");
        put("batch_speedup", speed.times(), "times    the tokens/s of one text alone");
    }

    private void tell(PrecisionSpeed speed) {
        String form = speed.storage().name().toLowerCase(Locale.ROOT);
        put("precision_float32_ms", speed.floatMillis(), "ms       a token in float32");
        put("precision_ms", speed.shortMillis(), "ms       a token in " + form + " (timed in turn with float32)");
        put("precision_speedup", speed.times(), "times    as many tokens/s in " + form + " as in float32");
    }

    private void tell(StepBench.Parts parts, double peak, String precision) {
        put("data_ms", parts.data(), "ms       preparing the batch");
        put("forward_ms", parts.forward(), "ms       forward");
        put("backward_ms", parts.backward(), "ms       backward");
        put("clip_ms", parts.clip(), "ms       global norm");
        put("optimizer_ms", parts.optimizer(), "ms       optimizer, and freeing the step's arrays");
        put("step_ms", parts.total(), "ms       one step");
        put("tokens_per_second", parts.tokens() / parts.total() * 1e3, "tokens/s");
        put("mfu_percent", 100 * parts.mfu(peak), "%%        of the %s matmul peak (MFU)".formatted(precision));
        put("flops_per_token", parts.flops() / parts.tokens(), 1e6, "MFLOP    a token, forward and backward");
        tell(parts.space());
    }

    private void tell(StepBench.MemoryUse space) {
        put("arrays", space.arrays(), "         arrays that Java made and held to the step's end");
        space.engineBytes().ifPresent(bytes -> put("engine_bytes", bytes, 1e6,
            "MB       allocated by libtorch in a step, including what it freed again"));
        space.javaBytes().ifPresent(bytes -> put("java_bytes", bytes, 1e6, "MB       of Java objects made in a step"));
        space.residentPeakBytes().ifPresent(bytes -> put("resident_peak_bytes", bytes, 1e6,
            "MB       largest resident memory of the process until the last step (VmHWM)"));
        put("expected_bytes", space.expectedBytes(), 1e6, "MB       estimated for weights, gradients, optimizer, activations and logits");
    }

    private void put(String key, double value, String text) {
        put(key, value, 1, text);
    }

    /** Adds a figure to the JSON document; without {@code --json} prints it, divided by {@code unit} and followed by {@code text}. */
    private void put(String key, double value, double unit, String text) {
        document.put(key, value);
        if (!json) {
            Console.out().println(String.format(Locale.ROOT, "%,12.1f %s", value / unit, text));
        }
    }
}
