package inkling;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The rules of ARCHITECTURE.md that a compiler does not check. */
@Tag("thorough")
class ArchitectureTest {
    /** The packages, from the lowest level to the highest. A package may use packages of lower levels, but no other of its own level. */
    private static final List<List<String>> LEVELS = List.of(List.of("errors", "random"), List.of("io"),
        List.of("config", "engine", "template"),
        List.of("tokenizer", "model"), List.of("optim", "data", "generate"), List.of("formats"), List.of("checkpoint"),
        List.of("train", "tasks"),
        List.of("runfile"), List.of("perf"), List.of("inspect"), List.of("run"), List.of("serve"), List.of("cli"));

    /** A package with more files than this must say why in its package-info. */
    private static final int MANY = 16;
    private static final List<Path> SOURCES = List.of(Path.of("src/main/java"), Path.of("spark/src/main/java"));

    private static JavaClasses classes;

    @BeforeAll static void read() {
        classes = new ClassFileImporter().importPath(Path.of("target/classes"));
    }

    /** The part below {@code inkling}: {@code tokenizer} for {@code inkling.tokenizer.bpe}. */
    private static String packageOf(JavaClass type) {
        return type.getPackageName().split("\\.")[1];
    }

    private static int level(JavaClass type) {
        return IntStream.range(0, LEVELS.size()).filter(level -> LEVELS.get(level).contains(packageOf(type))).findFirst()
            .orElseThrow(() -> new AssertionError("no level is given for the package of " + type.getName()));
    }

    @Test void packagesUseOnlyThoseOfLowerLevels() {
        Set<String> upward = new TreeSet<>();
        for (JavaClass type : classes) {
            type.getDirectDependenciesFromSelf().stream().map(d -> d.getTargetClass().getBaseComponentType())
                .filter(target -> target.getPackageName().startsWith("inkling."))
                .filter(target -> !packageOf(target).equals(packageOf(type)))
                .filter(target -> level(target) >= level(type))
                .forEach(target -> upward.add(type.getName() + " -> " + target.getName()));
        }
        assertEquals(Set.of(), upward);
    }

    /** This holds for sub-packages, too: if {@code data.source} and {@code data} used each other, they would really be one package. */
    @Test void noCircleGoesThroughPackages() {
        SlicesRuleDefinition.slices().matching("inkling.(**)").should().beFreeOfCycles().check(classes);
    }

    @Test void everyPackageSaysInThreeToSixLinesWhatItIs() throws IOException {
        Map<String, String> wrong = new TreeMap<>();
        for (Map.Entry<Path, List<Path>> folder : folders().entrySet()) {
            Path info = folder.getKey().resolve("package-info.java");
            List<String> words = Files.exists(info) ? Files.readAllLines(info).stream().filter(line -> line.startsWith(" * "))
                .toList() : List.of();
            String text = String.join(" ", words);
            if (words.size() < 3 || words.size() > 6 || !text.contains("{@link") || !text.matches(".*must not.*")) {
                wrong.put(folder.getKey().toString(), "say what it holds, where to start reading, and what it must not know: " + words);
            }
            long files = folder.getValue().stream().filter(file -> !file.equals(info)).count();
            if (files > MANY && !text.contains(files + " files")) {
                wrong.put(folder.getKey().toString(), files + " files: move some into a sub-package, or say in package-info why there are"
                    + " so many");
            }
        }
        assertEquals(Map.of(), wrong);
    }

    @Test void everyPackageNamesThePackagesBelowIt() throws IOException {
        Set<Path> all = folders().keySet();
        Map<String, Set<String>> silent = new TreeMap<>();
        for (Path folder : all) {
            Path info = folder.resolve("package-info.java");
            String words = Files.exists(info) ? Files.readString(info) : "";
            all.stream().filter(below -> below.getParent().equals(folder)).map(below -> below.getFileName().toString())
                .filter(name -> !words.contains("{@code " + name + "}"))
                .forEach(name -> silent.computeIfAbsent(folder.toString(), here -> new TreeSet<>()).add(name));
        }
        assertEquals(Map.of(), silent, "packages that a package-info does not name, as {@code name}");
    }

    private static Map<Path, List<Path>> folders() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path root : SOURCES) {
            try (Stream<Path> all = Files.walk(root)) {
                all.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
            }
        }
        return files.stream().collect(Collectors.groupingBy(Path::getParent));
    }

    @Test void theEngineIsTouchedInOnePlace() {
        noClasses().that().resideOutsideOfPackage("inkling.engine..").should().dependOnClassesThat().resideInAPackage("ai.djl.pytorch..")
            .check(classes);
    }

    @Test void theNumberOfThreadsIsSetInOnePlace() {
        noClasses().that().doNotHaveFullyQualifiedName("inkling.engine.ComputeContext").should()
            .accessTargetWhere(accessTo("the number of threads", "ai.djl.pytorch.jni.JniUtils", Set.of("setNumThreads"))).check(classes);
    }

    @Test void inputAndOutputKnowNothingOfArrays() {
        noClasses().that().resideInAnyPackage("inkling.io..", "inkling.tokenizer..", "inkling.data..").should().dependOnClassesThat()
            .resideInAPackage("ai.djl..").check(classes);
    }

    @Test void yamlIsReadInOnePlace() {
        noClasses().that().resideOutsideOfPackage("inkling.config..").should().dependOnClassesThat().resideInAPackage("org.snakeyaml..")
            .check(classes);
    }

    /**
     * Only {@code run} calls {@code getenv} and {@code getProperty}, with three exceptions. {@code Devices} and {@code ComputeContext} need
     * them for the engine's switches; {@code Version} tells Java's version and the system's name. (For {@code ServeCommand}, picocli reads
     * INKLING_API_KEY, which this test cannot see.)
     */
    @Test void theEnvironmentIsReadWhereRunsAreSetUp() {
        DescribedPredicate<JavaAccess<?>> surroundings = accessTo("the environment", "java.lang.System",
            Set.of("getenv", "getProperty", "getProperties", "setProperty"));
        noClasses().that().resideOutsideOfPackage("inkling.run..").and().doNotHaveFullyQualifiedName("inkling.engine.Devices").and()
            .doNotHaveFullyQualifiedName("inkling.engine.ComputeContext").and().doNotHaveFullyQualifiedName("inkling.cli.Version").should()
            .accessTargetWhere(surroundings).check(classes);
    }

    /**
     * What a user keeps is written by {@code inkling.io}, with two exceptions. {@code MetricsCsv} appends rows to metrics.csv. A
     * training that the dashboard starts writes its output into dashboard.log. {@code cli.terminal.Console} opens the process's own
     * streams. {@code engine.Allocations} makes a temporary file for libtorch's profile, and deletes it.
     */
    @Test void filesAreWrittenInOnePlace() {
        DescribedPredicate<JavaAccess<?>> files = accessTo("a file", "java.nio.file.Files",
            Set.of("write", "writeString", "newOutputStream",
            "newBufferedWriter", "newByteChannel", "copy", "move", "delete", "deleteIfExists", "createFile", "createDirectory",
            "createDirectories", "createTempFile", "createTempDirectory", "createLink", "createSymbolicLink"));
        noClasses().that().resideOutsideOfPackage("inkling.io..").and().doNotHaveFullyQualifiedName("inkling.train.MetricsCsv").and()
            .doNotHaveFullyQualifiedName("inkling.engine.Allocations").should().accessTargetWhere(files).check(classes);
        List<String> writers = List.of("java.io.FileOutputStream", "java.io.FileWriter", "java.io.RandomAccessFile");
        noClasses().that().resideOutsideOfPackage("inkling.io..").and().doNotHaveFullyQualifiedName("inkling.cli.terminal.Console").should()
            .dependOnClassesThat(DescribedPredicate.describe("write files", type -> writers.contains(type.getName()))).check(classes);
    }

    /**
     * DJL's readers of its own array format are not safe: 3,000 flipped bits gave four undeclared exceptions, one of them
     * OutOfMemoryError.
     */
    @Test void foreignBytesNeverReachTheEnginesReaders() {
        noClasses().should().accessTargetWhere(accessTo("decoders", "ai.djl.ndarray.NDList", Set.of("decode"))).check(classes);
        noClasses().should().accessTargetWhere(accessTo("decoders", "ai.djl.ndarray.NDArray", Set.of("decode", "load"))).check(classes);
        noClasses().should().accessTargetWhere(accessTo("decoders", "ai.djl.ndarray.NDManager", Set.of("decode", "load"))).check(classes);
        noClasses().that().doNotHaveFullyQualifiedName("inkling.engine.Kernels").should().dependOnClassesThat(
            resideInAnyPackage("ai.djl.repository..", "ai.djl.nn..", "ai.djl.training..")
                .or(DescribedPredicate.describe("load models", type -> type.getName().equals("ai.djl.Model")))).check(classes);
    }

    /**
     * Durations come from nanoTime, and checkpoints are named after steps, so that a clock that is set, or wrong by years, changes nothing.
     * Two exceptions: chat templates ask for the date ({@code run.Today}), and OpenAI's API tells when an answer was made ({@code
     * serve.api.Created}).
     */
    @Test void theTimeOfDayIsAskedInTwoPlaces() {
        noClasses().that().doNotHaveFullyQualifiedName("inkling.run.Today").and().doNotHaveFullyQualifiedName("inkling.serve.api.Created")
            .should().accessTargetWhere(accessTo("the clock", "java.lang.System", Set.of("currentTimeMillis")))
            .orShould().dependOnClassesThat(resideInAnyPackage("java.time..").and(DescribedPredicate.not(
                DescribedPredicate.describe("durations", type -> type.getName().equals("java.time.Duration"))))).check(classes);
    }

    /**
     * A name is part of an array, and all threads see it. DJL's calls of TorchScript tell by names which arrays form a list and which
     * method is meant. So two threads that pass the same array would change each other's call (docs/decisions/0014).
     */
    @Test void noArrayIsEverNamed() {
        DescribedPredicate<JavaAccess<?>> naming = DescribedPredicate.describe("name an array",
            access -> access.getTarget().getName().equals("setName") && access.getTargetOwner().isAssignableTo("ai.djl.ndarray.NDArray"));
        noClasses().should().accessTargetWhere(naming).check(classes);
    }

    /**
     * For arithmetic with a number, DJL makes an array over a Java buffer, and keeps no reference to the buffer. Autograd may read that
     * array again in the backward pass, when the garbage collector has freed the buffer. {@code Kernels.scaled} makes no such array.
     */
    @Test void aModelsArraysMeetNumbersInKernels() {
        noClasses().that().resideInAPackage("inkling.model..").should().callMethodWhere(DescribedPredicate.describe(
            "of arithmetic between an array and a number", call -> call.getTarget().getOwner().getName().equals("ai.djl.ndarray.NDArray")
                && call.getTarget().getRawParameterTypes().stream().anyMatch(type -> type.getName().equals("java.lang.Number"))))
                .check(classes);
    }

    /** Java's versions follow different versions of Unicode, but text must have the same ids on all of them (docs/decisions/0015). */
    @Test void tokenizersAskTheirOwnTableForLetters() {
        Set<String> javasOwn = Set.of("getType", "isLetter", "isDigit", "isLetterOrDigit", "isAlphabetic", "isDefined", "isIdeographic",
            "isWhitespace", "isSpaceChar", "isUpperCase", "isLowerCase", "isTitleCase", "toUpperCase", "toLowerCase", "toTitleCase",
            "getNumericValue", "digit", "getName", "isUnicodeIdentifierPart", "isUnicodeIdentifierStart");
        noClasses().that().resideInAPackage("inkling.tokenizer..").should().accessTargetWhere(accessTo("Java's letters",
            "java.lang.Character", javasOwn)).orShould().accessTargetWhere(accessTo("Java's letters", "java.lang.String",
                Set.of("strip", "stripLeading", "stripTrailing", "isBlank", "toUpperCase", "toLowerCase", "equalsIgnoreCase",
                    "compareToIgnoreCase"))).check(classes);
        noClasses().that().resideInAPackage("inkling.tokenizer..").should().callMethod(java.util.regex.Pattern.class, "compile",
            String.class, int.class).check(classes);   // UNICODE_CHARACTER_CLASS, UNICODE_CASE
    }

    /** Java's own deserialisation may run code that the bytes choose. */
    @Test void nothingIsDeserialised() {
        noClasses().should().dependOnClassesThat(DescribedPredicate.describe("deserialise", type ->
            type.getName().equals("java.io.ObjectInputStream"))).check(classes);
    }

    private static DescribedPredicate<JavaAccess<?>> accessTo(String what, String owner, Set<String> methods) {
        return DescribedPredicate.describe("reach for " + what + ": " + methods.stream().sorted().collect(Collectors.joining(", ")),
            access -> access.getTargetOwner().getName().equals(owner) && methods.contains(access.getTarget().getName()));
    }
}
