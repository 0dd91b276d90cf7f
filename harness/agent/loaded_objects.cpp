#include "harness/agent/loaded_objects.hpp"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "harness/agent/next_symbol.hpp"

// NOLINTBEGIN(performance-no-int-to-ptr): the loader's tables hold addresses as numbers
namespace soakline {
namespace {

const char inside_us = 0;

struct Range {
  std::uintptr_t from = 0, to = 0;
  bool holds(std::uintptr_t address) const { return address >= from && address < to; }
};

struct Relocations {
  const Elf64_Rela* first = nullptr;
  std::size_t bytes = 0;
};

// Lines of /proc/self/maps, which begin "FROM-TO rwxp", without an allocation.
bool is_read_only(std::uintptr_t address) {
  const int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0) return false;
  Range range;
  int field = 0;  // 0 FROM, 1 TO, 2 and 3 "rw", then the rest of the line
  bool found = false, readable = false, writable = true;
  char buffer[4096];
  ssize_t bytes = 0;
  while (!found && (bytes = read(maps, buffer, sizeof buffer)) > 0)
    for (ssize_t i = 0; i < bytes && !found; ++i) {
      const char c = buffer[i];
      const auto digit = static_cast<std::uintptr_t>(c <= '9' ? c - '0' : c - 'a' + 10);
      if (c == '\n') {
        range = {};
        field = 0;
      } else if (field == 0 && c != '-') {
        range.from = range.from << 4 | digit;
      } else if (field == 1 && c != ' ') {
        range.to = range.to << 4 | digit;
      } else if (field < 2) {
        ++field;
      } else if (field == 2) {
        readable = c == 'r';
        ++field;
      } else if (field == 3) {
        writable = c == 'w';
        found = range.holds(address);
        ++field;
      }
    }
  close(maps);
  return found && readable && !writable;
}

// One object's tables.
struct Object {
  explicit Object(const dl_phdr_info& info)
      : name(info.dlpi_name), base(info.dlpi_addr), segment(info.dlpi_phdr), segments(info.dlpi_phnum) {
    all.from = ~std::uintptr_t{0};
    const Elf64_Dyn* dynamic = nullptr;
    for (int i = 0; i < segments; ++i) {
      const Range range{base + segment[i].p_vaddr, base + segment[i].p_vaddr + segment[i].p_memsz};
      if (segment[i].p_type == PT_DYNAMIC) dynamic = reinterpret_cast<const Elf64_Dyn*>(range.from);
      if (segment[i].p_type == PT_GNU_RELRO) read_only = range;
      if (segment[i].p_type != PT_LOAD) continue;
      if (range.from < all.from) all.from = range.from;
      if (range.to > all.to) all.to = range.to;
    }
    for (; dynamic != nullptr && dynamic->d_tag != DT_NULL; ++dynamic) note(*dynamic);
  }

  bool is_ours() const { return all.holds(reinterpret_cast<std::uintptr_t>(&inside_us)); }
  // The kernel's has no calls of others, and no file.
  bool is_of_kernel() const { return std::strncmp(name, "linux-vdso", 10) == 0; }
  bool is_writable(std::uintptr_t address) const {
    for (int i = 0; i < segments; ++i)
      if (segment[i].p_type == PT_LOAD && (segment[i].p_flags & PF_W) != 0 &&
          address - base - segment[i].p_vaddr < segment[i].p_memsz)
        return true;
    return false;
  }
  bool is_loader() const { return std::strstr(name, "/ld-linux") != nullptr; }

  const char* name;
  std::uintptr_t base;
  const Elf64_Phdr* segment;
  int segments;
  Range all, read_only;
  const Elf64_Sym* symbols = nullptr;
  const char* strings = nullptr;
  const Elf64_Half* versions = nullptr;
  const std::uint32_t* hash = nullptr;
  Relocations data, calls;

 private:
  // The loader has made these addresses absolute, save where the table is not to be written.
  template <typename Table>
  void point(const Table*& table, const Elf64_Dyn& entry) const {
    table =
        reinterpret_cast<const Table*>(entry.d_un.d_ptr < base ? base + entry.d_un.d_ptr : entry.d_un.d_ptr);
  }
  void note(const Elf64_Dyn& entry) {
    switch (entry.d_tag) {
      case DT_SYMTAB:
        return point(symbols, entry);
      case DT_STRTAB:
        return point(strings, entry);
      case DT_VERSYM:
        return point(versions, entry);
      case DT_GNU_HASH:
        return point(hash, entry);
      case DT_RELA:
        return point(data.first, entry);
      case DT_RELASZ:
        data.bytes = entry.d_un.d_val;
        return;
      case DT_JMPREL:
        return point(calls.first, entry);
      case DT_PLTRELSZ:
        calls.bytes = entry.d_un.d_val;
        return;
      default:
        return;
    }
  }
};

std::uint32_t gnu_hash(const char* name) {
  std::uint32_t hash = 5381;
  for (; *name != 0; ++name) hash = hash * 33 + static_cast<unsigned char>(*name);
  return hash;
}

// The function that others are bound to by this name, of the newest version.
void* defined_in(const Object& object, const char* name, std::uint32_t hash) {
  if (object.hash == nullptr || object.symbols == nullptr || object.strings == nullptr) return nullptr;
  constexpr Elf64_Half hidden_version = 0x8000;
  const std::uint32_t buckets = object.hash[0], first = object.hash[1], filter_words = object.hash[2];
  const std::uint32_t* const bucket = object.hash + 4 + 2 * std::size_t{filter_words};
  const std::uint32_t* const chain = bucket + buckets;
  if (buckets == 0) return nullptr;
  std::uint32_t i = bucket[hash % buckets];
  if (i < first) return nullptr;
  for (;; ++i) {
    const std::uint32_t entry = chain[i - first];
    const Elf64_Sym& symbol = object.symbols[i];
    if ((entry | 1) == (hash | 1) && symbol.st_shndx != SHN_UNDEF &&
        ELF64_ST_TYPE(symbol.st_info) == STT_FUNC &&
        (object.versions == nullptr || (object.versions[i] & hidden_version) == 0) &&
        std::strcmp(object.strings + symbol.st_name, name) == 0)
      return reinterpret_cast<void*>(object.base + symbol.st_value);
    if ((entry & 1) != 0) return nullptr;
  }
}

struct Search {
  const char* name;
  std::uint32_t hash;
  Definition found;
};

int search_object(dl_phdr_info* info, std::size_t, void* given) {
  auto& search = *static_cast<Search*>(given);
  const Object object(*info);
  if (object.is_ours() || object.is_of_kernel()) return 0;
  void* address = defined_in(object, search.name, search.hash);
  if (address == nullptr) return 0;
  search.found = {address, object.name};
  return 1;
}

// Writes to what the loader protects once the object is bound.
class Writing {
 public:
  explicit Writing(const Object& object)
      : object_(object), from_(page_of(object.read_only.from)), to_(page_of(object.read_only.to)) {}
  ~Writing() {
    if (state_ == State::opened) protect(PROT_READ);
  }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;

  void write(void** at, void* address) {
    const auto place = reinterpret_cast<std::uintptr_t>(at);
    if (!object_.is_writable(place)) return;
    if (place >= from_ && place < to_ && !open()) return;
    __atomic_store_n(at, address, __ATOMIC_RELAXED);
  }
  bool came_too_early() const { return state_ == State::being_bound; }

 private:
  enum class State { closed, opened, being_bound };

  static std::uintptr_t page_of(std::uintptr_t address) {
    const auto page = static_cast<std::uintptr_t>(getpagesize());
    return address / page * page;
  }
  // Another thread may be in the middle of dlopen(): closing what it still writes to would kill it.
  bool open() {
    if (state_ == State::closed)
      state_ = is_read_only(from_) && protect(PROT_READ | PROT_WRITE) ? State::opened : State::being_bound;
    return state_ == State::opened;
  }
  bool protect(int protection) const {
    return mprotect(reinterpret_cast<void*>(from_), to_ - from_, protection) == 0;
  }

  const Object& object_;
  const std::uintptr_t from_, to_;
  State state_ = State::closed;
};

struct Replacements {
  const Replacement* first;
  int number;
  const Replacement* of(const void* address) const {
    for (int i = 0; i < number; ++i)
      if (first[i].was == address) return &first[i];
    return nullptr;
  }
  const Replacement* of(const char* name) const {
    for (int i = 0; i < number; ++i)
      if (std::strcmp(first[i].name, name) == 0) return &first[i];
    return nullptr;
  }
};

// A call that has not been made yet leads to the object's own code, which would ask the loader.
const Replacement* unbound(const Object& object, const Elf64_Rela& relocation, void* address,
                           const Replacements& replacements) {
  if (ELF64_R_TYPE(relocation.r_info) != R_X86_64_JUMP_SLOT ||
      !object.all.holds(reinterpret_cast<std::uintptr_t>(address)))
    return nullptr;
  const Elf64_Sym& symbol = object.symbols[ELF64_R_SYM(relocation.r_info)];
  return symbol.st_shndx == SHN_UNDEF ? replacements.of(object.strings + symbol.st_name) : nullptr;
}

void replace_in(const Object& object, Relocations relocations, const Replacements& replacements,
                Writing& writing) {
  for (std::size_t i = 0; i < relocations.bytes / sizeof(Elf64_Rela); ++i) {
    const Elf64_Rela& relocation = relocations.first[i];
    const auto type = ELF64_R_TYPE(relocation.r_info);
    if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT &&
        (type != R_X86_64_64 || relocation.r_addend != 0))
      continue;
    auto* const at = reinterpret_cast<void**>(object.base + relocation.r_offset);
    void* const address = __atomic_load_n(at, __ATOMIC_RELAXED);
    if (address == nullptr) continue;
    const Replacement* found = replacements.of(address);
    if (found == nullptr) found = unbound(object, relocation, address, replacements);
    if (found != nullptr) writing.write(at, found->now);
  }
}

struct Pass {
  Replacements replacements;
  unsigned long long ever_loaded = 0;
  bool whole = true;
};

int replace_in_object(dl_phdr_info* info, std::size_t, void* given) {
  auto& pass = *static_cast<Pass*>(given);
  pass.ever_loaded = info->dlpi_adds;
  const Object object(*info);
  if (object.is_ours() || object.is_of_kernel() || object.is_loader()) return 0;
  if (object.symbols == nullptr || object.strings == nullptr) return 0;
  Writing writing(object);
  replace_in(object, object.data, pass.replacements, writing);
  replace_in(object, object.calls, pass.replacements, writing);
  pass.whole = pass.whole && !writing.came_too_early();
  return 0;
}

int find_unsearchable(dl_phdr_info* info, std::size_t, void*) {
  const Object object(*info);
  return object.hash == nullptr && object.symbols != nullptr && !object.is_of_kernel() ? 1 : 0;
}

}  // namespace

Definition definition_of(const char* name) {
  Search search{name, gnu_hash(name), {}};
  dl_iterate_phdr(search_object, &search);
  return search.found;
}

void* next_symbol(const char* name) {
  return definition_of(name).address;
}

bool all_objects_can_be_searched() {
  return dl_iterate_phdr(find_unsearchable, nullptr) == 0;
}

// The loader lets one thread after the other through.
unsigned long long replace_calls(const Replacement* replacements, int number) {
  Pass pass{{replacements, number}};
  dl_iterate_phdr(replace_in_object, &pass);
  return pass.whole ? pass.ever_loaded : 0;
}

unsigned long long libraries_ever_loaded() {
  unsigned long long number = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* to) {
        *static_cast<unsigned long long*>(to) = info->dlpi_adds;
        return 1;
      },
      &number);
  return number;
}

}  // namespace soakline
// NOLINTEND(performance-no-int-to-ptr)
