// C++17 over generatio.h: handles that free themselves, exceptions for statuses, std::string_view for texts.

#ifndef GENERATIO_HPP
#define GENERATIO_HPP

#include <generatio.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace generatio {

// Frees a handle with the function that is its own.
template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T *handle) const noexcept {
    Free(handle);
  }
};

template <typename T, auto Free>
using Handle = std::unique_ptr<T, Deleter<Free>>;

using Text = Handle<generatio_text, generatio_text_free>;
using Secret = Handle<generatio_secret, generatio_secret_free>;
using Catalog = Handle<generatio_catalog, generatio_catalog_free>;
using Generation = Handle<generatio_generation, generatio_generation_free>;
using Cost = Handle<generatio_cost, generatio_cost_free>;
using Fal = Handle<generatio_fal, generatio_fal_free>;
using Call = Handle<generatio_call, generatio_call_free>;
using Submitted = Handle<generatio_submitted, generatio_submitted_free>;
using Output = Handle<generatio_output, generatio_output_free>;
using ErrorHandle = Handle<generatio_error, generatio_error_free>;

inline std::string_view text(generatio_view view) { return {view.data, view.len}; }

// What the library refused or FAL did not do.
class Error : public std::runtime_error {
 public:
  Error(generatio_status status, ErrorHandle error)
      : std::runtime_error(message(status, error.get())),
        status_(status),
        may_have_been_taken_(generatio_error_may_have_been_taken(error.get())) {}

  generatio_status status() const noexcept { return status_; }
  // The stable name, such as "wrong_password".
  std::string_view name() const noexcept { return generatio_status_name(status_); }
  // FAL may have been paid: do not submit again without asking.
  bool may_have_been_taken() const noexcept { return may_have_been_taken_; }

 private:
  static std::string message(generatio_status status, const generatio_error *error) {
    std::string message{error ? text(generatio_error_message(error)) : generatio_status_message(status)};
    for (std::size_t at = 0; at < generatio_error_problem_count(error); ++at)
      message.append("; ")
          .append(text(generatio_error_problem_path(error, at)))
          .append(": ")
          .append(text(generatio_error_problem_message(error, at)));
    return message;
  }

  generatio_status status_;
  bool may_have_been_taken_;
};

// Calls what writes a handle, and owns it: `make<Text>([&](auto out) { return generatio_seal(..., out); })`.
template <typename Owned, typename Function>
Owned make(Function &&function) {
  typename Owned::pointer handle = nullptr;
  const generatio_status status = function(&handle);
  Owned owned{handle};
  if (status != GENERATIO_OK) throw Error{status, nullptr};
  return owned;
}

// The same for what also tells an error.
template <typename Owned, typename Function>
Owned make_telling(Function &&function) {
  typename Owned::pointer handle = nullptr;
  generatio_error *error = nullptr;
  const generatio_status status = function(&handle, &error);
  Owned owned{handle};
  ErrorHandle told{error};
  if (status != GENERATIO_OK) throw Error{status, std::move(told)};
  return owned;
}

inline std::string seal(std::string_view token, std::string_view password, std::string_view context = {}) {
  const auto sealed = make<Text>([&](auto out) {
    return generatio_seal(token.data(), token.size(), password.data(), password.size(), context.data(), context.size(),
                          0, out);
  });
  return std::string{text(generatio_text_view(sealed.get()))};
}

inline Secret open(std::string_view sealed, std::string_view password, std::string_view context = {}) {
  return make<Secret>([&](auto out) {
    return generatio_open(sealed.data(), sealed.size(), password.data(), password.size(), context.data(),
                          context.size(), out);
  });
}

inline Generation check(const Catalog &catalog, std::string_view model, std::string_view prompt,
                        std::string_view parameters) {
  return make_telling<Generation>([&](auto out, auto error) {
    return generatio_catalog_check(catalog.get(), model.data(), model.size(), prompt.data(), prompt.size(),
                                   parameters.data(), parameters.size(), out, error);
  });
}

// What FAL bills, as exact dollars.
inline std::string dollars(const Cost &cost) {
  char text[GENERATIO_USD_TEXT_BYTES];
  generatio_usd_format(generatio_cost_nano_usd(cost.get(), GENERATIO_PRICES_FAL), text, sizeof text);
  return std::string{"$"} + text;
}

inline Cost quote(const Generation &generation) {
  return make<Cost>([&](auto out) { return generatio_generation_quote(generation.get(), out); });
}

inline Cost charge(const Generation &generation, const Output &output) {
  const auto images = static_cast<std::uint32_t>(generatio_output_count(output.get()));
  const auto units = generatio_output_billable_units(output.get());
  return make<Cost>([&](auto out) {
    return generatio_generation_charge(generation.get(), images, units.data, units.len, out);
  });
}

// What a program brings to reach FAL: exceptions from it end the exchange, and never cross the C boundary.
class Transport {
 public:
  virtual ~Transport() = default;
  // One exchange; see generatio_transport. Gives back how it ended.
  virtual generatio_exchange_end exchange(generatio_call *call, std::uint64_t exchange,
                                          const generatio_request *request) = 0;
};

using OnProgress = std::function<void(const generatio_progress *)>;

namespace detail {

struct Run {
  Transport &transport;
  const OnProgress &on_progress;
};

inline std::uint32_t exchange(void *context, generatio_call *call, std::uint64_t number,
                              const generatio_request *request) noexcept {
  try {
    return static_cast<Run *>(context)->transport.exchange(call, number, request);
  } catch (...) {
    return GENERATIO_EXCHANGE_END_MAYBE_SENT;
  }
}

inline void progress(void *context, const generatio_progress *progress) noexcept {
  try {
    static_cast<Run *>(context)->on_progress(progress);
  } catch (...) {
    // A progress that cannot be shown is no reason to lose what was paid for.
  }
}

}  // namespace detail

inline void run(const Call &call, Transport &transport, const OnProgress &on_progress) {
  detail::Run context{transport, on_progress};
  generatio_transport carrier{};
  carrier.size = sizeof carrier;
  carrier.context = &context;
  carrier.exchange = detail::exchange;
  carrier.progress = detail::progress;
  generatio_error *error = nullptr;
  const generatio_status status = generatio_call_run(call.get(), &carrier, &error);
  ErrorHandle told{error};
  if (status != GENERATIO_OK) throw Error{status, std::move(told)};
}

// Submits, waits and fetches. A submit is a purchase: see Error::may_have_been_taken before trying again.
inline Output generate(const Fal &fal, const Secret &key, const Generation &generation, std::int64_t deadline_ms,
                       Transport &transport, const OnProgress &on_progress) {
  const auto secret = generatio_secret_view(key.get());
  const auto submit = make<Call>([&](auto out) {
    return generatio_fal_submit(fal.get(), secret.data, secret.len, generation.get(), nullptr, 0, 0, deadline_ms, out);
  });
  run(submit, transport, on_progress);
  const auto submitted = make<Submitted>([&](auto out) { return generatio_call_submitted(submit.get(), out); });
  const auto wait = make<Call>([&](auto out) {
    return generatio_fal_wait(fal.get(), secret.data, secret.len, submitted.get(), deadline_ms, out);
  });
  run(wait, transport, on_progress);
  const auto result = make<Call>([&](auto out) {
    return generatio_fal_result(fal.get(), secret.data, secret.len, submitted.get(), deadline_ms, out);
  });
  run(result, transport, on_progress);
  return make<Output>([&](auto out) { return generatio_call_output(result.get(), out); });
}

}  // namespace generatio

#endif
