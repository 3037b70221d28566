import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** libgeneratio for Java, over java.lang.foreign: sealing, the model catalog, exact money, and pictures from FAL. */
final class Generatio {
    private static final int ABI = 1;
    private static final int FAL_PRICES = 2;
    private static final List<String> STATES = List.of("unknown", "queued", "running", "completed");

    private Generatio() {}

    /** What the library refused or FAL did not do. */
    static final class Failure extends Exception {
        private static final long serialVersionUID = 1;
        /** Stable, such as "wrong_password". */
        final String name;
        /** FAL may have been paid: do not submit again without asking. */
        final boolean mayHaveBeenTaken;

        Failure(String name, String message, boolean mayHaveBeenTaken) {
            super(message + " (" + name + ")");
            this.name = name;
            this.mayHaveBeenTaken = mayHaveBeenTaken;
        }
    }

    /** Where a request stands, with the log lines that are new; {@code ahead} is -1 if that is not known. */
    record Progress(String state, long ahead, List<String> logs) {}

    /** A picture at FAL's public address. */
    record Picture(String url, int width, int height) {}

    /** What a request brought, and dollars that it cost. */
    record Output(List<Picture> pictures, BigDecimal cost) {}

    /** A handle of the library's, freed with the function that is its own when it is closed. */
    static class Handle implements AutoCloseable {
        private final String kind;
        private MemorySegment address;

        Handle(String kind, MemorySegment address) {
            this.kind = kind;
            this.address = address;
        }

        MemorySegment address() {
            return address;
        }

        @Override
        public void close() {
            C.run("generatio_" + kind + "_free", address);
            address = MemorySegment.NULL;
        }
    }

    /** The calls themselves: each function's descriptor follows from the call's own arguments. */
    static final class C {
        static final MemoryLayout VIEW = MemoryLayout.structLayout(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
        private static final Linker LINKER = Linker.nativeLinker();
        private static final SymbolLookup LIBRARY = SymbolLookup.libraryLookup(
                System.getenv().getOrDefault("GENERATIO_LIBRARY", "libgeneratio.so.1"), Arena.global());
        private static final Map<String, MethodHandle> HANDLES = new ConcurrentHashMap<>();

        private C() {}

        private static MemoryLayout layout(Object argument) {
            return switch (argument) {
                case MemorySegment _ -> ValueLayout.ADDRESS;
                case Long _ -> ValueLayout.JAVA_LONG;
                case Integer _ -> ValueLayout.JAVA_INT;
                case Short _ -> ValueLayout.JAVA_SHORT;
                default -> throw new IllegalArgumentException("no such argument in C: " + argument.getClass());
            };
        }

        private static Object invoke(MemoryLayout result, String name, Object... arguments) {
            MethodHandle handle = HANDLES.computeIfAbsent(name, _ -> {
                List<MemoryLayout> layouts = new ArrayList<>();
                for (Object argument : arguments) {
                    if (!(argument instanceof Arena)) {
                        layouts.add(layout(argument));
                    }
                }
                MemoryLayout[] all = layouts.toArray(MemoryLayout[]::new);
                FunctionDescriptor descriptor =
                        result == null ? FunctionDescriptor.ofVoid(all) : FunctionDescriptor.of(result, all);
                return LINKER.downcallHandle(LIBRARY.find(name).orElseThrow(), descriptor);
            });
            try {
                return handle.invokeWithArguments(arguments);
            } catch (Throwable impossible) {
                throw new AssertionError(name, impossible);
            }
        }

        static void run(String name, Object... arguments) {
            invoke(null, name, arguments);
        }

        static int status(String name, Object... arguments) {
            return (int) invoke(ValueLayout.JAVA_INT, name, arguments);
        }

        static long number(String name, Object... arguments) {
            return (long) invoke(ValueLayout.JAVA_LONG, name, arguments);
        }

        static boolean truth(String name, Object... arguments) {
            return (boolean) invoke(ValueLayout.JAVA_BOOLEAN, name, arguments);
        }

        static MemorySegment pointer(String name, Object... arguments) {
            return (MemorySegment) invoke(ValueLayout.ADDRESS, name, arguments);
        }

        /** The bytes of a view, still the library's: valid as long as its handle. */
        static MemorySegment view(String name, Object... arguments) {
            try (Arena arena = Arena.ofConfined()) {
                Object[] all = new Object[arguments.length + 1];
                all[0] = arena;
                System.arraycopy(arguments, 0, all, 1, arguments.length);
                MemorySegment view = (MemorySegment) invoke(VIEW, name, all);
                return view.get(ValueLayout.ADDRESS, 0).reinterpret(view.get(ValueLayout.JAVA_LONG, 8));
            }
        }

        static byte[] bytes(String name, Object... arguments) {
            return view(name, arguments).toArray(ValueLayout.JAVA_BYTE);
        }

        static String text(String name, Object... arguments) {
            return new String(bytes(name, arguments), StandardCharsets.UTF_8);
        }

        /** A static text of the library's. */
        static String fixed(String name, Object... arguments) {
            return pointer(name, arguments).reinterpret(Long.MAX_VALUE).getString(0);
        }

        static MemorySegment input(Arena arena, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
        }

        /** A place for a handle or an error. */
        static MemorySegment out(Arena arena) {
            return arena.allocate(ValueLayout.ADDRESS);
        }

        static MemorySegment in(MemorySegment out) {
            return out.get(ValueLayout.ADDRESS, 0);
        }

        static void check(int status) throws Failure {
            check(status, MemorySegment.NULL);
        }

        /** Throws what a status says, and frees the error that came with it. */
        static void check(int status, MemorySegment error) throws Failure {
            if (status == 0) {
                return;
            }
            String name = fixed("generatio_status_name", status);
            boolean told = error.address() != 0;
            StringBuilder message = new StringBuilder(
                    told ? text("generatio_error_message", error) : fixed("generatio_status_message", status));
            long problems = number("generatio_error_problem_count", error);
            for (long at = 0; at < problems; at++) {
                message.append("; ").append(text("generatio_error_problem_path", error, at));
                message.append(": ").append(text("generatio_error_problem_message", error, at));
            }
            boolean mayHaveBeenTaken = truth("generatio_error_may_have_been_taken", error);
            run("generatio_error_free", error);
            throw new Failure(name, message.toString(), mayHaveBeenTaken);
        }
    }

    static {
        int abi = C.status("generatio_abi");
        if (abi != ABI) {
            throw new LinkageError("libgeneratio speaks ABI " + abi + ", and this class " + ABI);
        }
    }

    /** Seals a FAL key under a password. */
    static String seal(String token, String password) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment t = C.input(arena, token);
            MemorySegment p = C.input(arena, password);
            MemorySegment out = C.out(arena);
            C.check(C.status("generatio_seal", t, t.byteSize(), p, p.byteSize(), MemorySegment.NULL, 0L, 0, out));
            t.fill((byte) 0);
            try (Handle sealed = new Handle("text", C.in(out))) {
                return C.text("generatio_text_view", sealed.address());
            }
        }
    }

    /** Opens what any face of Generatio sealed. The library holds the secret, and overwrites it when it is closed. */
    static Handle open(String sealed, String password) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = C.input(arena, sealed);
            MemorySegment p = C.input(arena, password);
            MemorySegment out = C.out(arena);
            C.check(C.status("generatio_open", s, s.byteSize(), p, p.byteSize(), MemorySegment.NULL, 0L, out));
            return new Handle("secret", C.in(out));
        }
    }

    /** Checks a request against the built-in catalog, without spending anything. */
    static Handle check(String model, String prompt, String parameters) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = C.out(arena);
            MemorySegment error = C.out(arena);
            C.check(C.status("generatio_catalog_builtin", out));
            try (Handle catalog = new Handle("catalog", C.in(out))) {
                MemorySegment m = C.input(arena, model);
                MemorySegment p = C.input(arena, prompt);
                MemorySegment j = C.input(arena, parameters);
                int status = C.status("generatio_catalog_check", catalog.address(), m, m.byteSize(), p, p.byteSize(),
                        j, j.byteSize(), out, error);
                C.check(status, C.in(error));
                return new Handle("generation", C.in(out));
            }
        }
    }

    /** Dollars that FAL will bill, at most. */
    static BigDecimal quote(Handle generation) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = C.out(arena);
            C.check(C.status("generatio_generation_quote", generation.address(), out));
            return dollars(C.in(out));
        }
    }

    private static BigDecimal dollars(MemorySegment cost) {
        try (Handle owned = new Handle("cost", cost)) {
            long nano = C.number("generatio_cost_nano_usd", owned.address(), FAL_PRICES);
            return BigDecimal.valueOf(nano, 9).stripTrailingZeros();
        }
    }

    /** FAL itself when {@code url} is empty, else a stand-in there. */
    static Handle fal(String url) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment u = C.input(arena, url);
            MemorySegment out = C.out(arena);
            C.check(C.status("generatio_fal_new", u, u.byteSize(), out));
            return new Handle("fal", C.in(out));
        }
    }

    /** Submits, waits and fetches. A submit is a purchase: see {@link Failure#mayHaveBeenTaken} before trying again. */
    static Output generate(Handle fal, Handle key, Handle generation, long deadlineMs, Consumer<Progress> tell)
            throws Failure, InterruptedException {
        MemorySegment secret = C.view("generatio_secret_view", key.address());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = C.out(arena);
            C.check(C.status("generatio_fal_submit", fal.address(), secret, secret.byteSize(), generation.address(),
                    MemorySegment.NULL, 0L, 0L, deadlineMs, out));
            try (Handle call = new Handle("call", C.in(out))) {
                Drive.run(call.address(), tell);
                C.check(C.status("generatio_call_submitted", call.address(), out));
            }
            try (Handle submitted = new Handle("submitted", C.in(out))) {
                follow("generatio_fal_wait", fal, secret, submitted, deadlineMs, tell).close();
                try (Handle call = follow("generatio_fal_result", fal, secret, submitted, deadlineMs, tell)) {
                    C.check(C.status("generatio_call_output", call.address(), out));
                    return output(generation, C.in(out));
                }
            }
        }
    }

    private static Handle follow(String begin, Handle fal, MemorySegment secret, Handle submitted, long deadlineMs,
            Consumer<Progress> tell) throws Failure, InterruptedException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = C.out(arena);
            C.check(C.status(begin, fal.address(), secret, secret.byteSize(), submitted.address(), deadlineMs, out));
            Handle call = new Handle("call", C.in(out));
            try {
                Drive.run(call.address(), tell);
                return call;
            } catch (Failure | InterruptedException | RuntimeException failure) {
                call.close();
                throw failure;
            }
        }
    }

    private static Output output(Handle generation, MemorySegment address) throws Failure {
        try (Handle output = new Handle("output", address); Arena arena = Arena.ofConfined()) {
            long count = C.number("generatio_output_count", output.address());
            List<Picture> pictures = new ArrayList<>();
            for (long at = 0; at < count; at++) {
                String url = C.text("generatio_output_url", output.address(), at);
                int width = C.status("generatio_output_width", output.address(), at);
                int height = C.status("generatio_output_height", output.address(), at);
                pictures.add(new Picture(url, width, height));
            }
            MemorySegment units = C.view("generatio_output_billable_units", output.address());
            MemorySegment out = C.out(arena);
            C.check(C.status("generatio_generation_charge", generation.address(), (int) count, units, units.byteSize(),
                    out));
            return new Output(pictures, dollars(C.in(out)));
        }
    }

    /** Copies a progress, and frees it. */
    static Progress progress(MemorySegment address) {
        try (Handle progress = new Handle("progress", address)) {
            int state = C.status("generatio_progress_state", progress.address());
            long count = C.number("generatio_progress_log_count", progress.address());
            List<String> logs = new ArrayList<>();
            for (long at = 0; at < count; at++) {
                logs.add(C.text("generatio_progress_log_message", progress.address(), at));
            }
            long ahead = C.number("generatio_progress_queue_position", progress.address());
            return new Progress(STATES.get(state < STATES.size() ? state : 0), ahead, logs);
        }
    }
}
