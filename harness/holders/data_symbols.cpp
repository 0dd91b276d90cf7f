#include "harness/holders/data_symbols.hpp"

#include <dwarf.h>
#include <elfutils/libdwfl.h>

#include <algorithm>

namespace soakline {
namespace {

std::optional<DataSymbol> symbol_at(const std::vector<DataSymbol>& symbols, std::uint64_t place) {
  auto after = std::upper_bound(symbols.begin(), symbols.end(), place,
                                [](std::uint64_t at, const DataSymbol& symbol) { return at < symbol.start; });
  if (after == symbols.begin() || place >= after[-1].end) return std::nullopt;
  return after[-1];
}

}  // namespace

DataSymbols::DataSymbols(Symbols& symbols) {
  if (symbols.session() != nullptr) dwfl_getmodules(symbols.session(), on_module, this, 0);
  std::sort(modules_.begin(), modules_.end(),
            [](const Module& a, const Module& b) { return a.start < b.start; });
  for (const Module& module : modules_)
    thread_local_bytes_ += module.segment_bytes + module.segment_alignment;
}

int DataSymbols::on_module(Dwfl_Module* module, void** /*user*/, const char* /*name*/, std::uint64_t start,
                           void* self) {
  Module found{module, start};
  GElf_Addr bias = 0;
  Elf* const elf = dwfl_module_getelf(module, &bias);
  std::size_t headers = 0;
  if (elf != nullptr && elf_getphdrnum(elf, &headers) == 0)
    for (std::size_t i = 0; i < headers; ++i) {
      GElf_Phdr header;
      if (gelf_getphdr(elf, static_cast<int>(i), &header) == nullptr || header.p_type != PT_TLS) continue;
      found.segment_bytes = header.p_memsz;
      found.segment_alignment = std::max<std::uint64_t>(header.p_align, 1);
    }
  static_cast<DataSymbols*>(self)->modules_.push_back(std::move(found));
  return DWARF_CB_OK;
}

void DataSymbols::read(Module& module) {
  if (module.read) return;
  module.read = true;
  const int number = dwfl_module_getsymtab(module.module);
  for (int i = 1; i < number; ++i) {
    GElf_Sym symbol;
    GElf_Addr address = 0;
    GElf_Word section = 0;
    const char* const name =
        dwfl_module_getsym_info(module.module, i, &symbol, &address, &section, nullptr, nullptr);
    if (name == nullptr || symbol.st_size == 0 || section == SHN_UNDEF) continue;
    const auto type = GELF_ST_TYPE(symbol.st_info);
    if (type == STT_OBJECT) module.data.push_back({address, address + symbol.st_size, name});
    if (type == STT_TLS)
      module.thread_locals.push_back({symbol.st_value, symbol.st_value + symbol.st_size, name});
  }
  for (auto* const symbols : {&module.data, &module.thread_locals})
    std::stable_sort(symbols->begin(), symbols->end(),
                     [](const DataSymbol& a, const DataSymbol& b) { return a.start < b.start; });
}

// By where modules begin: of their end the session knows less than there is of .bss.
std::optional<DataSymbol> DataSymbols::at(std::uint64_t address) {
  const auto after =
      std::upper_bound(modules_.begin(), modules_.end(), address,
                       [](std::uint64_t at, const Module& module) { return at < module.start; });
  if (after == modules_.begin()) return std::nullopt;
  read(after[-1]);
  return symbol_at(after[-1].data, address);
}

// ELF's second variant of thread-local storage, that of x86-64: the program's segment ends, rounded up to its
// alignment, where the thread's block begins.
std::optional<DataSymbol> DataSymbols::thread_local_before_end(std::uint64_t bytes) {
  if (modules_.empty()) return std::nullopt;
  Module& program = modules_.front();
  const std::uint64_t alignment = program.segment_alignment;
  const std::uint64_t segment = (program.segment_bytes + alignment - 1) / alignment * alignment;
  if (bytes > segment) return std::nullopt;
  read(program);
  return symbol_at(program.thread_locals, segment - bytes);
}

}  // namespace soakline
