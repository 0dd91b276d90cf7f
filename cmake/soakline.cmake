# What every target of the project shares: language, warnings, sanitizers, where programs go.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(SOAKLINE_WERROR "Treat warnings as errors (CI)" OFF)
set(SOAKLINE_SANITIZE "" CACHE STRING "Sanitizers to build with, as for -fsanitize=")
option(SOAKLINE_FUZZ "Build the fuzzers (clang), as ci/fuzz does" OFF)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -fno-omit-frame-pointer)
if(SOAKLINE_WERROR)
  add_compile_options(-Werror)
endif()
if(SOAKLINE_SANITIZE)
  add_compile_options(-fsanitize=${SOAKLINE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SOAKLINE_SANITIZE})
  if(SOAKLINE_SANITIZE MATCHES thread)
    add_compile_options(-Wno-tsan)  # g++ 12 warns of the fences in Asio's own headers
  endif()
endif()

if(SOAKLINE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(fmt REQUIRED)
find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
find_package(benchmark REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(libdw REQUIRED IMPORTED_TARGET libdw)
pkg_check_modules(libelf REQUIRED IMPORTED_TARGET libelf)

set(SOAKLINE_ROOT ${CMAKE_CURRENT_LIST_DIR}/..)

enable_testing()
include(GoogleTest)

# soakline_library(NAME SOURCES... LIBRARIES...): a layer. Includes are written from the project's root.
function(soakline_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${SOAKLINE_ROOT})
  target_link_libraries(${name} PUBLIC ${arg_LIBRARIES})
endfunction()

# soakline_program(NAME SOURCES... LIBRARIES...): a binary in bin/.
function(soakline_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${SOAKLINE_ROOT})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
endfunction()

# soakline_test(NAME SOURCES... LIBRARIES... [PROGRAMS...] [TIMEOUT seconds]): GoogleTest cases, each its own
# CTest test; PROGRAMS are binaries the tests start and must be built first, found in $SOAKLINE_BIN.
function(soakline_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBRARIES;PROGRAMS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
  if(arg_PROGRAMS)
    add_dependencies(${name} ${arg_PROGRAMS})
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "SOAKLINE_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
endfunction()

# soakline_bench(NAME SOURCES... LIBRARIES...): a Google Benchmark binary in bin/, run by ci/bench.
function(soakline_bench name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  soakline_program(${name} SOURCES ${arg_SOURCES} LIBRARIES ${arg_LIBRARIES} benchmark::benchmark_main)
endfunction()
