package inkling.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.KernelSources.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules for kernel sources, and that a mistake in one is reported with its file and line. */
class KernelSourcesTest {
    private static final Path FOLDER = Path.of("src/main/resources/inkling/engine/kernels");
    private static final Pattern FUNCTION = Pattern.compile("\\btorch\\.(\\w+)\\(");

    /**
     * What PyTorch has only as a function, neither as an operator nor as a method of a tensor. Kernels take {@code sqrt} of plain numbers.
     */
    private static final Set<String> FUNCTIONS = Set.of("cat", "stack", "eye", "ones_like", "zeros_like", "sqrt", "grad", "is_grad_enabled",
        "embedding", "linear", "layer_norm", "gelu", "silu", "dropout", "scaled_dot_product_attention", "cross_entropy_loss",
        "linalg_vector_norm", "_foreach_add_", "_foreach_copy_", "_foreach_norm", "_foreach_div_", "_foreach_lerp_", "_foreach_mul_",
        "_fused_adamw_");

    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    /** The names and texts of the shipped files. */
    private static List<Source> sources() throws IOException {
        List<Source> sources = new ArrayList<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.sorted().toList()) {
                sources.add(new Source(file.getFileName().toString(), Files.readString(file)));
            }
        }
        return sources;
    }

    @Test
    void noKernelUsesAFunctionWhereTorchScriptHasAnOperatorOrAMethod() throws IOException {
        List<String> found = new ArrayList<>();
        for (Source source : sources()) {
            FUNCTION.matcher(source.text()).results().map(call -> call.group(1)).filter(name -> !FUNCTIONS.contains(name))
                .forEach(name -> found.add(source.name() + ": torch." + name));
            assertFalse(source.text().contains("(self)."), source.name());
            assertFalse(source.text().contains("ops.prim."), source.name());
        }
        assertEquals(List.of(), found);
    }

    /** The shapes stand in the comment below the kernel's head, e.g. {@code # x (…, C), w (C) -> (…, C)}. */
    @Test
    void everyKernelSaysItsShapes() throws IOException {
        int kernels = 0;
        List<String> silent = new ArrayList<>();
        for (Source source : sources()) {
            List<String> lines = source.text().lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).startsWith("def ")) {
                    kernels++;
                    int head = i;
                    while (!lines.get(head).endsWith(":")) {
                        head++;
                    }
                    if (!lines.get(head + 1).matches("    # .*\\((…|[\\w .,…·+/-]*)\\).*")) {
                        silent.add(source.name() + ": " + lines.get(i));
                    }
                }
            }
        }
        assertEquals(List.of(), silent);
        assertTrue(kernels > 40, kernels + " kernels");
    }

    @Test
    void linesAreWithinBudget() throws IOException {
        for (Source source : sources()) {
            source.text().lines().forEach(line -> assertTrue(line.length() <= 140, source.name() + ": " + line));
        }
    }

    /** The shipped files, without the one for a libtorch that lacks oneDNN, and with one line of {@code file} replaced. */
    private static KernelSources broken(String file, String line, String by) throws IOException {
        List<Source> sources = new ArrayList<>();
        for (Source source : sources()) {
            if (source.name().equals(file)) {
                assertTrue(source.text().contains(line + "\n"), "the line is there");
                sources.add(new Source(file, source.text().replace(line + "\n", by + "\n")));
            } else if (!source.name().equals(KernelSources.PRODUCT_PLAIN)) {
                sources.add(source);
            }
        }
        return new KernelSources(sources);
    }

    private static int lineOf(String file, String line) throws IOException {
        return Files.readAllLines(FOLDER.resolve(file)).indexOf(line) + 1;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "nn.py | '    return torch.silu(gate) * up' | '    return torch.silu(gate) * ) up' | expected",
        "nn.py | '    return torch.silu(gate) * up' | '    return torch.sillu(gate) * up' | Unknown builtin op: aten::sillu",
        "nn.py | '        return self.rms_norm(x, gain, eps)' | '        return self.rms(x, gain, eps)' | has no attribute or method 'rms'",
        "optim.py | '    torch._foreach_copy_(a, b)' | '    torch._foreach_copy_(a, c)' | undefined value c"})
    void aMistakeIsToldWithFileAndLine(String file, String line, String by, String reason) throws IOException {
        KernelSources broken = broken(file, line, by);
        String message = assertThrows(IllegalStateException.class, () -> KernelModule.load(manager, broken)).getMessage();
        assertTrue(message.startsWith("kernels/%s:%d: ".formatted(file, lineOf(file, line))), message);
        assertTrue(message.contains(reason), message);
        assertFalse(message.contains("__torch__.py"), message);
    }

    @Test
    void whatFailsAtRunTimeIsToldWithTheKernelAndTheLine() throws IOException {
        NDArray x = manager.ones(new Shape(1, 2, 3));
        NDArray w = manager.ones(new Shape(4));
        String message = assertThrows(EngineException.class, () -> Kernels.norm(x, w, new Kernels.NormKind(1e-5, true, false)))
            .getMessage();
        int line = lineOf("nn.py", "    return x * ((x * x).mean([-1], True) + eps).rsqrt() * w");
        assertTrue(message.startsWith("kernel norm, kernels/nn.py:%d: The size of tensor a (3) must match".formatted(line)), message);
        String deep = assertThrows(EngineException.class, () -> Kernels.attention(x, x, w, Kernels.Scores.ALL, 0)).getMessage();
        assertTrue(deep.startsWith("kernel attention, kernels/attention.py:"), deep);
    }

    @Test
    void anArgumentOfAnotherKindIsToldWithTheKernel() {
        NDArray x = manager.ones(new Shape(3));
        String message = assertThrows(EngineException.class, () -> Kernels.MODULE.array("rms_norm", x, x, "small")).getMessage();
        assertTrue(message.startsWith("kernel rms_norm: ") && message.contains("'eps'"), message);
        assertThrows(IllegalArgumentException.class, () -> Kernels.MODULE.array("relu", new float[0]));
    }

    @Test
    void whetherAnOperatorIsThereCanBeAsked() throws IOException {
        Source there = new Source("probe.py", "def probe(self, x: Tensor) -> Tensor:\n    return x.relu()\n");
        Source missing = new Source("probe.py", "def probe(self, x: Tensor) -> Tensor:\n    return ops.mkldnn._no_such_thing(x)\n");
        assertTrue(KernelModule.knows(manager, there));
        assertFalse(KernelModule.knows(manager, missing));
        Source wrong = new Source("probe.py", "def probe(self, x: Tensor) -> Tensor:\n    return y\n");
        assertThrows(EngineException.class, () -> KernelModule.knows(manager, wrong), "a mistake in the probe is no missing operator");
    }
}
